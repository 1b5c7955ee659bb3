// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads pickles of plain dicts, lists, texts and numbers, protocol 3 and older, which is what the
 * ground truth of the revisited sets is. Knows no opcode that makes another object or calls
 * anything.
 */
final class PlainPickle {
  private final ByteBuffer in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /** Marks the beginning of a list's elements on the stack. */
  private static final Object MARK = new Object();

  private PlainPickle(byte[] bytes) {
    in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Object read(Path file) throws IOException {
    return new PlainPickle(Files.readAllBytes(file)).run();
  }

  private Object run() {
    while (true) {
      int opcode = in.get() & 0xFF;
      switch (opcode) {
        case 0x80 -> in.get();
        case '}' -> stack.push(new LinkedHashMap<Object, Object>());
        case ']' -> stack.push(new ArrayList<Object>());
        case '(' -> stack.push(MARK);
        case 'q' -> memo.put(in.get() & 0xFF, stack.getFirst());
        case 'r' -> memo.put(in.getInt(), stack.getFirst());
        case 'h' -> stack.push(Objects.requireNonNull(memo.get(in.get() & 0xFF), "memo"));
        case 'j' -> stack.push(Objects.requireNonNull(memo.get(in.getInt()), "memo"));
        case 'K' -> stack.push(in.get() & 0xFF);
        case 'M' -> stack.push(in.getShort() & 0xFFFF);
        case 'J' -> stack.push(in.getInt());
        case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
        case 'X' -> {
          byte[] text = new byte[in.getInt()];
          in.get(text);
          stack.push(new String(text, StandardCharsets.UTF_8));
        }
        case 'a' -> {
          Object element = stack.pop();
          list(stack.getFirst()).add(element);
        }
        case 'e' -> {
          List<Object> elements = toMark();
          list(stack.getFirst()).addAll(elements);
        }
        case 's' -> {
          Object value = stack.pop();
          Object key = stack.pop();
          dict(stack.getFirst()).put(key, value);
        }
        case 'u' -> {
          List<Object> pairs = toMark();
          for (int i = 0; i < pairs.size(); i += 2) {
            dict(stack.getFirst()).put(pairs.get(i), pairs.get(i + 1));
          }
        }
        case '.' -> {
          return stack.pop();
        }
        default -> throw new IllegalArgumentException("opcode " + opcode + " is not plain data");
      }
    }
  }

  private List<Object> toMark() {
    List<Object> elements = new ArrayList<>();
    while (stack.getFirst() != MARK) {
      elements.add(0, stack.pop());
    }
    stack.pop();
    return elements;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  @SuppressWarnings("unchecked")
  static Map<Object, Object> dict(Object value) {
    return (Map<Object, Object>) value;
  }
}
