// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * Reads data sets from disk by name. A {@link DataSetProvider} on the class path adds a name; this
 * module has these:
 *
 * <dl>
 *   <dt>{@code groups}
 *   <dd>Your own images. {@code root/list.tsv}: a line of column names and a line for each image,
 *       fields separated by tabs. Columns, in any order: {@code image} (file name under {@code
 *       root/jpg}, or under {@code root} if there is no such directory; the ending may be left
 *       out), {@code group} (images of the same thing; {@code -} for none), {@code role} ({@code
 *       query}, {@code database} or {@code both}). Further columns are not looked at. The right
 *       answers to a query are the database images of its group, all good, without itself: a query
 *       of role {@code both} is junk to itself. A database image of group {@code -} is never right.
 *       A query without a right answer is read and later skipped and counted.
 *   <dt>{@code oxford5k}
 *   <dd>Oxford Buildings: the images in {@code root/jpg} or flat in {@code root}. Ground truth
 *       {@code <landmark>_<n>_{query,good,ok,junk}.txt} in {@code root/gt} or in {@code root}: the
 *       query file has one line {@code image x1 y1 x2 y2}, the corners of the query box in pixels;
 *       the prefix {@code oxc1_} of a name is dropped; all images are the database, by name.
 *       Without such files {@code gnd_oxford5k.mat} or {@code .pkl} ({@code imlist}, {@code gnd}
 *       with {@code ok}, {@code junk}, {@code bbx}, and {@code qidx} or {@code qimlist}): the
 *       database is {@code imlist}, in its order. Either way the query itself is among the right
 *       answers and stays in the database: the classic protocol.
 *   <dt>{@code paris6k}
 *   <dd>Paris: as {@code oxford5k}, with {@code gnd_paris6k.mat} or {@code .pkl}. The images may
 *       lie in directories, as in the archive ({@code paris/louvre/paris_louvre_000000.jpg}). The
 *       20 corrupt images are left out by name, from the database and from the text files.
 *   <dt>{@code roxford5k}, {@code rparis6k}
 *   <dd>The revisited sets: {@code gnd_roxford5k.pkl} or {@code .mat} in {@code root}, the images
 *       of queries and database in {@code root/jpg}, in {@code root} or in directories there.
 *       Protocols {@code medium}, {@code hard} and {@code easy}. Medium: easy and hard answers are
 *       right (good and ok in reports). Hard: hard ones, easy ones are junk. Easy: easy ones, hard
 *       ones are junk. Queries are not in the database.
 *   <dt>{@code oxford105k}, {@code paris106k}
 *   <dd>{@code oxford5k} and {@code paris6k} with all images of the directory {@code oxc1_100k} in
 *       {@code root} or beside it.
 *   <dt>{@code roxford5k-1m}, {@code rparis6k-1m}
 *   <dd>{@code roxford5k} and {@code rparis6k} with the images that {@code revisitop1m.txt} lists
 *       in the directory {@code revisitop1m} in {@code root} or beside it; they lie under its
 *       {@code jpg}.
 *   <dt>{@code holidays}, {@code holidays-upright}
 *   <dd>INRIA Holidays: images of six digits in {@code root/jpg} or {@code root}, all of them or,
 *       if there is one, those of the list {@code holidays_images.dat} in {@code root} or in {@code
 *       root/eval_holidays}. The first four digits are the group; the image that ends with 00 is
 *       the query and is dropped from its own ranking. The two names read alike: with {@code
 *       holidays} you say that the images are as they were published, with {@code holidays-upright}
 *       that they were turned upright, which scores some points more.
 *   <dt>{@code ukbench}
 *   <dd>UKBench: {@code ukbench00000.jpg}, … in {@code root/full}, {@code root/jpg} or {@code
 *       root}; every four are a group, which must be whole. Every image is a query and right for
 *       itself. The first metric is N-S.
 *   <dt>{@code zubud}
 *   <dd>ZuBuD: {@code objectNNNN.viewNN.png} in {@code root/png-ZuBuD} or {@code root}, the queries
 *       {@code qimgNNNN.JPG} in {@code root/1000city/qimage}, {@code root/qimage} or {@code root};
 *       {@code root/zubud_groundtruth.txt} has the line {@code TEST TRAIN}, which may be left out,
 *       and lines of the numbers of a query and its building. The first metric is success at 1.
 *   <dt>{@code instre}
 *   <dd>INSTRE: {@code gnd_instre.mat} or {@code .pkl} in {@code root} ({@code imlist}, {@code
 *       qimlist}, {@code gnd} with {@code ok} and {@code bbx}, two corners), whose names are paths
 *       below {@code root} such as {@code INSTRE-S1/<class>/<n>.jpg}. Protocols {@code all}, and
 *       {@code s1}, {@code s2} and {@code m} for the queries of each part; all search everything.
 *   <dt>{@code gldv2}
 *   <dd>Google Landmarks v2, retrieval: {@code index.csv} ({@code id}), {@code
 *       retrieval_solution_v2.1.csv} ({@code id,images,Usage}) in {@code root/metadata} or {@code
 *       root}; images {@code root/index/a/b/c/abc….jpg} and {@code root/test/a/b/c/abc….jpg}, or
 *       flat in these two. Protocols {@code private} and {@code public}; queries of the usage
 *       Ignored are not read. Rankings go to 100, as mAP@100 looks no further.
 *   <dt>{@code gldv2-recognition}, {@code gldv2-recognition-full}
 *   <dd>Google Landmarks v2, recognition by the nearest image: {@code train_clean.csv} ({@code
 *       landmark_id,images}) or {@code train.csv} ({@code id,landmark_id}) as the database under
 *       {@code root/train}, {@code recognition_solution_v2.1.csv} ({@code id,landmarks,Usage}). The
 *       first metric is GAP; queries that show nothing count as it asks for.
 *   <dt>{@code gldv1}, {@code gldv1-recognition}
 *   <dd>Google Landmarks v1: as v2, with {@code retrieval_solution.csv}, {@code
 *       recognition_solution.csv} and {@code train.csv}. What columns these two have is not on
 *       public record: those of v2 are taken, and without {@code Usage} there is one protocol. A
 *       {@code landmark_id} of {@code None} in {@code train.csv} makes an image right for nothing.
 *   <dt>{@code flickrlogos32}, {@code flickrlogos32-boxes}
 *   <dd>FlickrLogos-32: {@code root} is the directory of {@code trainvalset.relpaths.txt} (or both
 *       {@code trainset.relpaths.txt} and {@code valset.relpaths.txt}), the database, and {@code
 *       testset-logosonly.relpaths.txt}, the queries. The last directory of a path is the logo;
 *       {@code no-logo} is never right. A query is the whole image, or each box {@code x y width
 *       height} of {@code classes/masks/<logo>/<image>.bboxes.txt}, which has a line of names
 *       first. That the test images are searched in the others is the literature's usage; the set
 *       itself states none for retrieval.
 *   <dt>{@code flickrlogos47}
 *   <dd>FlickrLogos-47, which is a detection set: its use for retrieval is this library's. {@code
 *       root/train/filelist.txt} lists the database, {@code root/test/filelist-logosonly.txt} (or
 *       {@code filelist.txt}) the images of the queries; beside an image lies {@code
 *       <name>.gt_data.txt} with lines {@code x1 y1 x2 y2 class dummy mask difficult truncated};
 *       {@code root/className2ClassID.txt} has lines of a name and a number. Each box that is not
 *       difficult is a query; images that show its class are right. A box with two classes is one
 *       query, for which both are right; an image that a {@code filelist-logosonly.txt} names must
 *       have a logo.
 *   <dt>{@code smvs}
 *   <dd>Stanford Mobile Visual Search: {@code <category>/Reference/<n>.jpg}, the database, and
 *       {@code <category>/<device>/<n>.jpg}, the queries, in {@code root/mvs_images} or {@code
 *       root}; equal names in a category show the same thing. All categories are searched at once.
 *       Protocols {@code all} and one for each category; the first metric is success at 1.
 *   <dt>{@code dupimage}
 *   <dd>DupImage, whose layout is not on public record: a directory for each group in {@code
 *       root/jpg} or {@code root}; images in no directory are right for nothing. {@code
 *       root/queries.txt} names the queries, a path a line; without it every image of a group is
 *       one. A query is dropped from its own ranking.
 *   <dt>{@code sculptures6k}
 *   <dd>Sculptures 6k, whose ground truth is said to be that of Oxford: images in {@code
 *       root/test}, {@code root/jpg} or {@code root}, text files as of {@code oxford5k} in {@code
 *       root/gt} or {@code root}.
 * </dl>
 *
 * <p>Where a set is laid out in another way than {@code flickrlogos47}, {@code smvs}, {@code
 * dupimage} and {@code sculptures6k} are said to be above, which no public record decides, a {@code
 * list.tsv} as of {@code groups} in {@code root} is read instead. Lists for training alone, such as
 * those of Neural Codes and the Landmarks of DIR, are not data sets of this package.
 *
 * <p>Tolerated: lines that end with CR LF or CR, a byte order mark, blank lines, blanks around
 * fields, a file without a last line break, text in Latin-1 where it is not UTF-8, files that begin
 * with a dot, images that no list names, an image twice in one list of one query, and a query box
 * that reaches over the border of its image (it is cut there when it is used). All else that does
 * not fit is a {@link DataSetException} that names file and line or part: an image that is missing
 * or there with two endings, a name or number of the ground truth that is not in the database, an
 * image listed twice, a query asked twice with the same box, an image judged in two ways, a missing
 * or doubled column, an unknown role, a usage in some lines only, a query box that is empty,
 * negative or beyond its image, a name that leads out of the directory, a pickle that holds more
 * than lists, dictionaries, texts and numbers.
 */
public final class DataSets {
  private DataSets() {}

  /**
   * Finds all data sets, also those of other modules.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<DataSetProvider> providers() {
    return Providers.of("data set", ServiceLoader.load(DataSetProvider.class));
  }

  /**
   * Returns the names that {@link #read} knows.
   *
   * @return sorted by name
   */
  public static List<String> names() {
    return List.copyOf(providers().names());
  }

  /**
   * Says by their names whether two data sets have images in common: a whitening or a network that
   * was fitted on one must not be tested on the other unseen. Case and marks do not matter, and a
   * set is its enlarged, revisited and turned versions too: {@code Oxford5k}, {@code oxford105k}
   * and {@code roxford5k-1m} are one, so are {@code gldv2} and {@code gldv2-clean}.
   *
   * @param name of a data set, as {@link #names} has it or not
   * @param other the other name
   * @return true if they are one or versions of one; never for a blank name
   */
  public static boolean share(String name, String other) {
    return DataSetNames.share(providers(), name, other);
  }

  /**
   * Reads a data set.
   *
   * @param name one of {@link #names}
   * @param root its directory
   * @return the data set; every image is there, but none was decoded
   * @throws IllegalArgumentException if the name is unknown; the message lists the known ones
   * @throws DataSetException if something in the directory is missing or damaged; the message names
   *     file and line
   * @throws IOException if a file cannot be read
   */
  public static RetrievalDataSet read(String name, Path root) throws IOException {
    return read(name, root, Options.NONE);
  }

  /**
   * Reads a data set that has options; those of this module have none.
   *
   * @param name one of {@link #names}
   * @param root its directory
   * @param options what its provider knows
   * @return the data set; every image is there, but none was decoded
   * @throws IllegalArgumentException if the name or an option is unknown; the message lists the
   *     known ones
   * @throws DataSetException if something in the directory is missing or damaged; the message names
   *     file and line
   * @throws IOException if a file cannot be read
   */
  public static RetrievalDataSet read(String name, Path root, Options options) throws IOException {
    return read(name, root, options, MissingImages.REFUSED);
  }

  /**
   * Reads a data set of which images may be missing, to say which. The data set has them all the
   * same, at the paths where they should be.
   *
   * @param name one of {@link #names}
   * @param root its directory
   * @param options what its provider knows
   * @param missing learns of each image that is not there by the message that {@link #read(String,
   *     Path)} ends with; where the images alone make the data set, none is known to be missing
   * @return the data set
   * @throws IllegalArgumentException if the name is unknown; the message lists the known ones
   * @throws DataSetException if anything else is missing or damaged; the message names file and
   *     line
   * @throws IOException if a file cannot be read
   */
  public static RetrievalDataSet readDespiteMissing(
      String name, Path root, Options options, Consumer<String> missing) throws IOException {
    Objects.requireNonNull(missing, "missing");
    return read(
        name,
        root,
        options,
        (expected, error) -> {
          missing.accept(String.valueOf(error.getMessage()));
          return expected;
        });
  }

  private static RetrievalDataSet read(
      String name, Path root, Options options, MissingImages missing) throws IOException {
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(options, "options");
    return providers().get(name).read(root, options, missing);
  }

  /**
   * Adds images that are right for no query and junk for none.
   *
   * @param dataSet the data set
   * @param directory of the images: if it has a file {@code revisitop1m.txt}, those that the lines
   *     of that file name, under {@code jpg} in it; else all below it, sorted by path. The id of an
   *     image is its path, which begins with the name of the directory
   * @return a data set whose name tells how many were added, with the protocols of the given one
   * @throws DataSetException if the directory or a listed image is missing or there is none
   * @throws IOException if the directory or a file cannot be read
   */
  public static RetrievalDataSet withDistractors(RetrievalDataSet dataSet, Path directory)
      throws IOException {
    List<DataSetImage> distractors = Distractors.read(directory, MissingImages.REFUSED);
    return dataSet.withDistractors(dataSet.name() + "+" + distractors.size(), distractors);
  }
}
