// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names that a checkpoint may use, and what stands for each: data, never code. */
public final class PickleNames {
  /** What a name makes of arguments. */
  private interface Maker {
    Object make(Object[] arguments) throws IOException;
  }

  /** A name that was found. */
  private record Name(String text, Maker maker) {}

  private static final List<String> NUMPY =
      List.of("numpy.core.multiarray", "numpy._core.multiarray");
  private static final List<String> OBJECTS =
      List.of("sklearn.decomposition.pca.PCA", "sklearn.decomposition._pca.PCA");
  private static final Map<String, Maker> MAKERS = makers();

  private static final int MOST_SHOWN = 200;
  private static final int MOST_DIMENSIONS = 32;

  private PickleNames() {}

  private static Map<String, Maker> makers() {
    Map<String, Maker> makers = new LinkedHashMap<>();
    makers.put("collections.OrderedDict", PickleNames::dictionary);
    makers.put("torch._utils._rebuild_tensor", PickleNames::tensor);
    makers.put("torch._utils._rebuild_tensor_v2", PickleNames::tensor);
    makers.put(
        "torch._utils._rebuild_parameter", arguments -> first(arguments, StoredTensor.class));
    makers.put("torch.Size", arguments -> first(arguments, Object[].class));
    makers.put("_codecs.encode", PickleNames::encode);
    makers.put("numpy.ndarray", PickleNames::refuse);
    makers.put("numpy.dtype", arguments -> new PickledArray.Type(first(arguments, String.class)));
    for (String module : NUMPY) {
      makers.put(module + "._reconstruct", arguments -> new PickledArray());
      makers.put(module + ".scalar", PickleNames::scalar);
    }
    for (String type : OBJECTS) {
      makers.put(type, arguments -> new PickledObject(type));
    }
    return makers;
  }

  /**
   * Finds a name.
   *
   * @return what {@link #call} takes, or an {@link ElementType}
   * @throws IOException if it is not one that a checkpoint may use
   */
  static Object find(String name) throws IOException {
    Maker maker = MAKERS.get(name);
    if (maker != null) {
      return new Name(name, maker);
    }
    Optional<ElementType> type = ElementType.ofTorch(name);
    if (type.isPresent()) {
      return type.get();
    }
    throw new IOException(
        "it names '"
            + shown(name)
            + "', which weights do not need; nothing was executed. A file with a whole model"
            + " must be saved anew as its state_dict");
  }

  /** Makes what a name makes of arguments. */
  static Object call(Object callable, Object arguments) throws IOException {
    if (!(callable instanceof Name name)) {
      throw new IOException("its pickle must call a name but calls a " + kind(callable));
    }
    try {
      return name.maker.make(tuple(arguments, 0));
    } catch (IOException e) {
      throw new IOException(name.text + ": " + e.getMessage(), e);
    }
  }

  /** Fills an object that was made before. */
  static void setState(Object target, Object state) throws IOException {
    if (target instanceof PickledArray array) {
      array.setState(state);
    } else if (target instanceof PickledArray.Type type) {
      type.setState(state);
    } else if (target instanceof PickledObject object && state instanceof Map<?, ?> attributes) {
      object.attributes().putAll(attributes);
    } else if (!(target instanceof LinkedHashMap<?, ?>)) {
      // An OrderedDict of torch has attributes of its own, which say nothing about the weights.
      throw new IOException("its pickle must not set the state of a " + kind(target));
    }
  }

  /** How much is copied out of what a call or a state is made of: one list may serve many. */
  static long copied(Object from) {
    long copied = from instanceof Map<?, ?> map ? map.size() : 0;
    return from instanceof Object[] parts && parts.length > 0 && parts[0] instanceof List<?> list
        ? list.size()
        : copied;
  }

  private static String kind(Object object) {
    return object instanceof PickledObject || object instanceof Name
        ? object.toString()
        : object.getClass().getSimpleName();
  }

  /** A short text for a message: containers may hold themselves, or be printed for ever. */
  public static String shown(@Nullable Object object) {
    if (object instanceof String || object instanceof Number || object instanceof Boolean) {
      String text = object.toString().replaceAll("[^ -~]", "?");
      return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "…" : text;
    }
    return object == null || object.equals(Optional.empty()) ? "nothing" : "a " + kind(object);
  }

  private static Object refuse(Object[] arguments) throws IOException {
    throw new IOException("must not be called but is, with " + arguments.length + " arguments");
  }

  private static <T> T first(Object[] arguments, Class<T> type) throws IOException {
    if (arguments.length == 0 || !type.isInstance(arguments[0])) {
      throw new IOException("its first argument must be a " + type.getSimpleName());
    }
    return type.cast(arguments[0]);
  }

  /** Python 2 writes the pairs as an argument. */
  private static Object dictionary(Object[] arguments) throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.length > 0) {
      for (Object item : first(arguments, ArrayList.class)) {
        if (item instanceof List<?> pair && pair.size() >= 2) {
          map.put(PickleReader.requireKey(pair.get(0)), pair.get(1));
        } else {
          Object[] pair = tuple(item, 2);
          map.put(PickleReader.requireKey(pair[0]), pair[1]);
        }
      }
    }
    return map;
  }

  private static Object tensor(Object[] arguments) throws IOException {
    Object[] parts = tuple(arguments, 4);
    if (!(parts[0] instanceof StoredTensor.View view)) {
      throw new IOException("a tensor must have a storage but has a " + kind(parts[0]));
    }
    return StoredTensor.of(view, whole(parts[1]), sizes(parts[2]), sizes(parts[3]));
  }

  private static Object encode(Object[] arguments) throws IOException {
    Object[] parts = tuple(arguments, 2);
    if (parts[0] instanceof String text && parts[1].equals("latin1")) {
      return text; // It stands for its bytes, as text of Python 2 does; a copy each time adds up.
    }
    throw new IOException("must encode text as latin1 but encodes otherwise");
  }

  private static Object scalar(Object[] arguments) throws IOException {
    Object[] parts = tuple(arguments, 2);
    if (!(parts[0] instanceof PickledArray.Type type)) {
      throw new IOException("a number must have an element type but has a " + kind(parts[0]));
    }
    return (double) type.tensor(parts[1], new long[0], false).floats()[0];
  }

  /** Returns a tuple of at least so many parts. */
  static Object[] tuple(Object object, int least) throws IOException {
    if (object instanceof Object[] parts && parts.length >= least) {
      return parts;
    }
    throw new IOException(
        "its pickle must have a tuple of at least " + least + " parts but has a " + kind(object));
  }

  /** Returns a whole number. */
  static long whole(Object object) throws IOException {
    if (object instanceof Integer || object instanceof Long) {
      return ((Number) object).longValue();
    }
    throw new IOException(
        "its pickle must have a whole number of 64 bits but has " + shown(object));
  }

  /** Returns a tuple of whole numbers. */
  static long[] sizes(Object object) throws IOException {
    Object[] parts = tuple(object, 0);
    if (parts.length > MOST_DIMENSIONS) {
      throw new IOException(
          "a tensor must have a rank of 0 to " + MOST_DIMENSIONS + " but has " + parts.length);
    }
    long[] sizes = new long[parts.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = whole(parts[i]);
    }
    return sizes;
  }
}
