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
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The stack of the {@link Unpickler}: values, and marks below which no value is accessible. */
final class PickleStack {

    private final Path file;
    private final List<Object> values = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();

    /**
     * Creates an empty stack.
     *
     * @param file the file of the pickle, for messages
     */
    PickleStack(Path file) {
        this.file = file;
    }

    void push(Object value) {
        values.add(value);
    }

    void mark() {
        marks.push(values.size());
    }

    Object top() throws MalformedModelException {
        return last(1).get(0);
    }

    Object pop() throws MalformedModelException {
        return pop(1).get(0);
    }

    /** Removes and returns the last values, in the order in which they were pushed. */
    List<Object> pop(int count) throws MalformedModelException {
        List<Object> last = last(count);
        List<Object> popped = new ArrayList<>(last);
        last.clear();
        return popped;
    }

    /** Removes and returns all values above the last mark, and removes the mark. */
    List<Object> popToMark() throws MalformedModelException {
        if (marks.isEmpty()) {
            throw Malformed.of(file + ": there is no mark on the stack");
        }
        return pop(values.size() - marks.pop());
    }

    private List<Object> last(int count) throws MalformedModelException {
        int bottom = marks.isEmpty() ? 0 : marks.peek();
        if (values.size() - bottom < count) {
            throw Malformed.of(file + ": there are too few values on the stack");
        }
        return values.subList(values.size() - count, values.size());
    }
}
