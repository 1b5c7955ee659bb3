// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.razorvine.pickle.Opcodes;
import org.jspecify.annotations.Nullable;

/** The names that a checkpoint may use, and what stands for each: data, never code. */
final class TorchNames extends AllowedNames {
  /** Finds what a persistent id stands for. */
  interface Persistent {
    Object load(Object id) throws IOException;
  }

  /** What a name makes of arguments. */
  private interface Maker {
    Object make(Object[] arguments) throws IOException;
  }

  /** A name that was found. */
  record Name(String text, Maker maker) {}

  private static final List<String> NUMPY =
      List.of("numpy.core.multiarray", "numpy._core.multiarray");
  private static final List<String> OBJECTS =
      List.of("sklearn.decomposition.pca.PCA", "sklearn.decomposition._pca.PCA");
  private static final Map<String, Maker> MAKERS = makers();

  /** A checkpoint of ResNet-152 with its optimizer has a tenth of it. */
  private static final int MOST_OPERATIONS = 2_000_000;

  private static final int MOST_LINE = 1 << 12;

  private final Persistent persistent;

  TorchNames(Persistent persistent) {
    super(
        MOST_OPERATIONS,
        Opcodes.POP,
        Opcodes.DUP,
        Opcodes.SHORT_BINBYTES,
        Opcodes.BINBYTES,
        Opcodes.BINBYTES8,
        Opcodes.BYTEARRAY8,
        Opcodes.REDUCE,
        Opcodes.NEWOBJ,
        Opcodes.BUILD,
        Opcodes.BINPERSID);
    this.persistent = persistent;
  }

  private static Map<String, Maker> makers() {
    Map<String, Maker> makers = new LinkedHashMap<>();
    makers.put("collections.OrderedDict", TorchNames::dictionary);
    makers.put("torch._utils._rebuild_tensor", TorchNames::tensor);
    makers.put("torch._utils._rebuild_tensor_v2", TorchNames::tensor);
    makers.put(
        "torch._utils._rebuild_parameter", arguments -> first(arguments, StoredTensor.class));
    makers.put("torch.Size", arguments -> first(arguments, Object[].class));
    makers.put("_codecs.encode", TorchNames::encode);
    makers.put("numpy.ndarray", TorchNames::refuse);
    makers.put("numpy.dtype", arguments -> new PickledArray.Type(first(arguments, String.class)));
    for (String module : NUMPY) {
      makers.put(module + "._reconstruct", arguments -> new PickledArray());
      makers.put(module + ".scalar", TorchNames::scalar);
    }
    for (String type : OBJECTS) {
      makers.put(type, arguments -> new PickledObject(type));
    }
    return makers;
  }

  /** Gives what {@link #call} takes, or an {@link ElementType}. */
  @Override
  Object find(@Nullable Object module, @Nullable Object part) throws IOException {
    String name = text(module) + "." + text(part);
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
            + PickleNames.shown(name)
            + "', which weights do not need; nothing was executed. A file with a whole model"
            + " must be saved again as its state_dict");
  }

  @Override
  Object call(@Nullable Object callee, @Nullable Object arguments) throws IOException {
    charge(copied(arguments));
    if (!(callee instanceof Name name)) {
      throw new IOException("its pickle must call a name but calls a " + PickleNames.kind(callee));
    }
    try {
      return name.maker.make(PickleNames.tuple(arguments, 0));
    } catch (IOException e) {
      throw new IOException(name.text + ": " + e.getMessage(), e);
    }
  }

  @Override
  void setState(@Nullable Object target, @Nullable Object state) throws IOException {
    charge(copied(state));
    if (target instanceof PickledArray array) {
      array.setState(state);
    } else if (target instanceof PickledArray.Type type) {
      type.setState(state);
    } else if (target instanceof PickledObject object && state instanceof Map<?, ?> attributes) {
      object.attributes().putAll(attributes);
    } else if (!(target instanceof LinkedHashMap<?, ?>)) {
      // An OrderedDict of torch has attributes of its own, which say nothing about the weights.
      throw new IOException("its pickle must not set the state of a " + PickleNames.kind(target));
    }
  }

  @Override
  Object persistent(@Nullable Object id) throws IOException {
    return persistent.load(Objects.requireNonNullElse(id, none()));
  }

  @Override
  Object none() {
    return Optional.empty();
  }

  @Override
  int mostOfLine(short opcode) {
    return MOST_LINE;
  }

  /** Keys are compared by value, and comparing nested ones may take for ever. */
  @Override
  void requireKey(@Nullable Object key) throws IOException {
    PickleNames.requireKey(key);
  }

  /** How much is copied out of what a call or a state is made of: one list may serve many. */
  private static long copied(@Nullable Object from) {
    long copied = from instanceof Map<?, ?> map ? map.size() : 0;
    return from instanceof Object[] parts && parts.length > 0 && parts[0] instanceof List<?> list
        ? list.size()
        : copied;
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
          map.put(PickleNames.requireKey(pair.get(0)), pair.get(1));
        } else {
          Object[] pair = PickleNames.tuple(item, 2);
          map.put(PickleNames.requireKey(pair[0]), pair[1]);
        }
      }
    }
    return map;
  }

  private static Object tensor(Object[] arguments) throws IOException {
    Object[] parts = PickleNames.tuple(arguments, 4);
    if (!(parts[0] instanceof StoredTensor.View view)) {
      throw new IOException("a tensor must have a storage but has a " + PickleNames.kind(parts[0]));
    }
    return StoredTensor.of(
        view,
        PickleNames.whole(parts[1]),
        PickleNames.sizes(parts[2]),
        PickleNames.sizes(parts[3]));
  }

  private static Object encode(Object[] arguments) throws IOException {
    Object[] parts = PickleNames.tuple(arguments, 2);
    if (parts[0] instanceof String text && parts[1].equals("latin1")) {
      return text; // It stands for its bytes, as text of Python 2 does; a copy each time adds up.
    }
    throw new IOException("must encode text as latin1 but encodes otherwise");
  }

  private static Object scalar(Object[] arguments) throws IOException {
    Object[] parts = PickleNames.tuple(arguments, 2);
    if (!(parts[0] instanceof PickledArray.Type type)) {
      throw new IOException(
          "a number must have an element type but has a " + PickleNames.kind(parts[0]));
    }
    return (double) type.tensor(parts[1], new long[0], false).floats()[0];
  }

  // ---- wording

  @Override
  IOException tooMany(long most) {
    return new IOException("its pickle must have at most " + most + " operations");
  }

  @Override
  IOException notAllowed(short opcode) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "its pickle must have operations that torch writes but has 0x%02x",
            opcode));
  }

  @Override
  IOException longLine(int most, long position) {
    return new IOException("a line must end within " + most + " bytes at byte " + position);
  }

  @Override
  IOException beyondEnd(long length, long left, int width) {
    return new IOException(
        "text or bytes of a pickle must have at most " + left + " bytes but have " + length);
  }

  @Override
  IOException notAList() {
    return new IOException("its pickle must append to a list but appends to another object");
  }

  @Override
  IOException notPairs(boolean odd) {
    return new IOException("its pickle must put pairs into a dictionary but puts something else");
  }

  @Override
  IOException failure(long at, PickleInput in, Throwable cause) {
    return cause instanceof IOException e
        ? e
        : new IOException("its pickle is damaged near byte " + in.position() + ": " + cause, cause);
  }
}
