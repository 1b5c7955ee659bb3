// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Tells by names whether two data sets have images in common. */
final class DataSetNames {
  /** What a name without marks begins with or has, and the images behind it. */
  private static final Map<Pattern, String> FAMILIES = families();

  private DataSetNames() {}

  private static Map<Pattern, String> families() {
    Map<Pattern, String> families = new LinkedHashMap<>();
    families.put(Pattern.compile("^r?(oxford|oxbuild|oxf?(?=[0-9]|$)).*"), "oxford");
    families.put(Pattern.compile("^r?(paris|par(?=[0-9]|$)).*"), "paris");
    families.put(Pattern.compile("^(inria)?holidays.*"), "holidays");
    families.put(
        Pattern.compile("^(gld(v?1|$)|gl18|googlelandmarks(dataset)?(v?1|2018|$)).*"), "gldv1");
    families.put(Pattern.compile("^(gld|googlelandmarks(dataset)?)v?2.*"), "gldv2");
    families.put(Pattern.compile("^flickrlogos.*"), "flickrlogos");
    families.put(Pattern.compile("^(retrieval)?sfm[0-9]+k.*"), "sfm");
    families.put(Pattern.compile("^(uk(y)?bench|ukb$).*"), "ukbench");
    families.put(Pattern.compile("^instre.*"), "instre");
    families.put(Pattern.compile("^sculptures?6k.*"), "sculptures");
    families.put(Pattern.compile("^(neuralcodes|landmarksclean|landmarksfull).*"), "landmarks");
    return families;
  }

  static boolean share(String a, String b) {
    String first = family(a);
    return !first.isEmpty() && first.equals(family(b));
  }

  private static String family(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    for (Map.Entry<Pattern, String> family : FAMILIES.entrySet()) {
      if (family.getKey().matcher(plain).matches()) {
        return family.getValue();
      }
    }
    return plain;
  }
}
