/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An interpreter for the part of Python's pickle language that data needs. It creates values of the
 * types below and executes nothing: {@link Objects} determines what a pickle may name and call.
 *
 * <p>Values are {@code null}, Boolean, Long, Double, String, {@link Tuple}, {@link PythonList},
 * {@link Dictionary} and those returned by {@link Objects}. Each opcode creates at most one value,
 * so that memory is bounded by the length of the pickle. Nested values are never traversed.
 */
final class Unpickler {

    private static final int MAX_PROTOCOL = 5;
    private static final int MAX_INTEGER_BYTES = 8;

    private final Path file;
    private final Objects objects;
    private final ByteBuffer pickle;
    private final PickleStack stack;
    private final Map<Integer, Object> memo = new HashMap<>();
    private int opcodePosition;

    /** Resolves the names in a pickle. */
    interface Objects {

        /** Returns the object with a name. */
        Object global(String module, String name) throws MalformedModelException;

        /** Returns the result of a call. */
        Object call(Object callable, List<Object> arguments) throws MalformedModelException;

        /**
         * Returns the object with a persistent id, defined by the program that wrote the pickle.
         */
        Object persistent(Object id) throws MalformedModelException;
    }

    /** Python's tuple, which is immutable. */
    record Tuple(List<Object> items) {}

    /** Python's list, which may contain itself. */
    static final class PythonList {
        private final List<Object> items = new ArrayList<>();
    }

    /** Python's dict as written: a list of pairs, in which keys may occur repeatedly. */
    static final class Dictionary {
        private final List<Pair> pairs = new ArrayList<>();

        List<Pair> pairs() {
            return pairs;
        }
    }

    /** A key and its value. */
    record Pair(Object key, Object value) {}

    private Unpickler(Path file, ByteBuffer pickle, Objects objects) {
        this.file = file;
        stack = new PickleStack(file);
        this.pickle = pickle.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.objects = objects;
    }

    /**
     * Reads a pickle.
     *
     * @param file the file with the pickle, for messages
     * @param pickle the pickle
     * @param objects resolves its names
     * @return the value
     * @throws MalformedModelException if it is not a pickle or uses unsupported parts of the
     *     language; the message has the opcode or name, and the position
     */
    static Object load(Path file, ByteBuffer pickle, Objects objects)
            throws MalformedModelException {
        Unpickler unpickler = new Unpickler(file, pickle, objects);
        try {
            return unpickler.run();
        } catch (BufferUnderflowException e) {
            throw Malformed.of(
                    file
                            + ": the pickle ends within the instruction at byte "
                            + unpickler.opcodePosition,
                    e);
        } catch (MalformedModelException e) {
            throw Malformed.of(
                    e.getMessage() + ", at byte " + unpickler.opcodePosition + " of the pickle", e);
        }
    }

    private Object run() throws MalformedModelException {
        while (true) {
            opcodePosition = pickle.position();
            char opcode = (char) (pickle.get() & 0xff);
            if (opcode == '.') {
                return stack.pop();
            }
            if (!pushConstant(opcode) && !useMemo(opcode) && !build(opcode)) {
                throw malformed(
                        String.format(
                                "opcode 0x%02x%s is not allowed in a file of tensors",
                                (int) opcode,
                                opcode > ' ' && opcode < 0x7f ? " (" + opcode + ")" : ""));
            }
        }
    }

    /** Executes opcodes that contain their value, and those that only frame others. */
    private boolean pushConstant(char opcode) throws MalformedModelException {
        switch (opcode) {
            case 0x80 -> checkProtocol(pickle.get());
            case 0x95 -> pickle.getLong(); // the length of a frame: there is nothing to prefetch
            case 'N' -> stack.push(null);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'J' -> stack.push((long) pickle.getInt());
            case 'K' -> stack.push((long) (pickle.get() & 0xff));
            case 'M' -> stack.push((long) (pickle.getShort() & 0xffff));
            case 0x8a -> stack.push(integer(pickle.get() & 0xff));
            case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(pickle.getLong())));
            case 'X' -> stack.push(text(Integer.toUnsignedLong(pickle.getInt())));
            case 0x8c -> stack.push(text(pickle.get() & 0xff));
            case 0x8d -> stack.push(text(pickle.getLong()));
            case ']' -> stack.push(new PythonList());
            case ')' -> stack.push(new Tuple(List.of()));
            case '}' -> stack.push(new Dictionary());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean useMemo(char opcode) throws MalformedModelException {
        switch (opcode) {
            case 'q' -> memo.put(pickle.get() & 0xff, stack.top());
            case 'r' -> memo.put(pickle.getInt(), stack.top());
            case 0x94 -> memo.put(memo.size(), stack.top());
            case 'h' -> stack.push(recall(pickle.get() & 0xff));
            case 'j' -> stack.push(recall(pickle.getInt()));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Executes opcodes that build a value of those on the stack. */
    private boolean build(char opcode) throws MalformedModelException {
        switch (opcode) {
            case '(' -> stack.mark();
            case 't' -> stack.push(new Tuple(stack.popToMark()));
            case 0x85 -> stack.push(new Tuple(stack.pop(1)));
            case 0x86 -> stack.push(new Tuple(stack.pop(2)));
            case 0x87 -> stack.push(new Tuple(stack.pop(3)));
            case 'a' -> append(stack.pop(1));
            case 'e' -> append(stack.popToMark());
            case 's' -> setItems(stack.pop(2));
            case 'u' -> setItems(stack.popToMark());
            case 'c' -> stack.push(objects.global(line(), line()));
            case 0x93 -> pushNamedGlobal(stack.pop(2));
            case 'Q' -> stack.push(objects.persistent(stack.pop()));
            case 'R' -> call(stack.pop(2));
            case 'b' -> setState(stack.pop(1));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void checkProtocol(int protocol) throws MalformedModelException {
        if (protocol < 2 || protocol > MAX_PROTOCOL) {
            throw malformed("the pickle has protocol " + protocol + ", expected 2 to 5");
        }
    }

    private long integer(int bytes) throws MalformedModelException {
        if (bytes > MAX_INTEGER_BYTES) {
            throw malformed("an integer of " + bytes + " bytes is too long");
        }
        long value = 0;
        int shift = 0;
        for (int i = 0; i < bytes; i++, shift += Byte.SIZE) {
            value |= (long) (pickle.get() & 0xff) << shift;
        }
        int unused = Long.SIZE - shift;
        return unused == Long.SIZE ? 0 : value << unused >> unused; // extends the sign
    }

    private String text(long bytes) throws MalformedModelException {
        if (bytes < 0 || bytes > pickle.remaining()) {
            throw malformed(
                    "a string of " + Long.toUnsignedString(bytes) + " bytes exceeds the pickle");
        }
        ByteBuffer encoded = pickle.slice(pickle.position(), (int) bytes);
        pickle.position(pickle.position() + (int) bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(encoded).toString();
        } catch (CharacterCodingException e) {
            throw Malformed.of(file + ": a string is not UTF-8", e);
        }
    }

    private String line() throws MalformedModelException {
        int begin = pickle.position();
        int length = 0;
        while (pickle.get() != '\n') {
            length++;
        }
        pickle.position(begin);
        String line = text(length);
        pickle.get(); // the end of the line
        return line;
    }

    private Object recall(int index) throws MalformedModelException {
        if (!memo.containsKey(index)) {
            throw malformed("there is no value " + Integer.toUnsignedString(index) + " to recall");
        }
        return memo.get(index);
    }

    private void append(List<Object> items) throws MalformedModelException {
        if (!(stack.top() instanceof PythonList list)) {
            throw malformed("items are appended to something that is not a list");
        }
        list.items.addAll(items);
    }

    private void setItems(List<Object> items) throws MalformedModelException {
        if (!(stack.top() instanceof Dictionary dictionary) || items.size() % 2 != 0) {
            throw malformed(
                    "items are set in something that is not a dictionary, or a key has no value");
        }
        for (int i = 0; i < items.size(); i += 2) {
            dictionary.pairs.add(new Pair(items.get(i), items.get(i + 1)));
        }
    }

    private void pushNamedGlobal(List<Object> names) throws MalformedModelException {
        if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
            throw malformed("the name of a global is not a string");
        }
        stack.push(objects.global(module, name));
    }

    private void call(List<Object> parts) throws MalformedModelException {
        if (!(parts.get(1) instanceof Tuple arguments)) {
            throw malformed("the arguments of a call are not a tuple");
        }
        stack.push(objects.call(parts.get(0), arguments.items()));
    }

    /** Ignores attributes of a dictionary, such as {@code _metadata}. */
    private void setState(List<Object> state) throws MalformedModelException {
        if (!(stack.top() instanceof Dictionary) || !(state.get(0) instanceof Dictionary)) {
            throw malformed("opcode 0x62 (b) sets the state of something that is not a dictionary");
        }
    }

    private MalformedModelException malformed(String what) {
        return Malformed.of(file + ": " + what);
    }
}
