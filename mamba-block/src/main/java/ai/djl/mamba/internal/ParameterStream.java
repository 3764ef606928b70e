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
package ai.djl.mamba.internal;

import ai.djl.nn.Block;
import ai.djl.nn.norm.LayerNorm;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.StreamCorruptedException;

/**
 * The stream that the children of a block are given, whose parameters are checked with those of the
 * block. It looks ahead at the shapes before them, since DJL allocates by any count of shapes or
 * axes that it reads.
 */
final class ParameterStream extends DataInputStream {

    private static final int MAX_SHAPES = 64;
    private static final int MAX_AXES = 32;
    private static final int MAX_LOOK_AHEAD = 1 << 16;

    private final PushbackInputStream source;

    ParameterStream(DataInputStream in) {
        this(new PushbackInputStream(in, MAX_LOOK_AHEAD));
    }

    private ParameterStream(PushbackInputStream source) {
        super(source);
        this.source = source;
    }

    /**
     * Checks the counts of what a block has before its parameters: a version and the shapes of its
     * inputs; a LayerNorm has another shape.
     *
     * @throws StreamCorruptedException if there are more shapes or axes than a block can have
     * @throws IOException if it cannot be read
     */
    void checkShapes(Block block) throws IOException {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        try {
            DataOutputStream copy = new DataOutputStream(seen);
            copy.write(readByte());
            int shapes = count(copy, "shapes", MAX_SHAPES);
            for (int i = 0; i < shapes + (block instanceof LayerNorm ? 1 : 0); i++) {
                for (int bytes : new int[] {Long.BYTES, Character.BYTES}) {
                    int axes = count(copy, "axes", MAX_AXES);
                    copy.write(readNBytes(axes * bytes));
                }
            }
        } catch (EOFException e) {
            return; // whoever reads it says where it ends
        } finally {
            source.unread(seen.toByteArray());
        }
    }

    private int count(DataOutputStream copy, String what, int most) throws IOException {
        int count = readInt();
        copy.writeInt(count);
        if (count < 0 || count > most) {
            throw new StreamCorruptedException(
                    String.format("expected at most %d %s, found %d", most, what, count));
        }
        return count;
    }
}
