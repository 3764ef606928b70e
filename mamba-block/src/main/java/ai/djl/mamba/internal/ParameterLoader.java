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

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UTFDataFormatException;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads the parameters of a block with their shapes checked, which DJL leaves to the first forward
 * call. Either all parameters are loaded, or the block keeps those that it had (but DJL's own
 * blocks among its children remember the sizes that they read). An array is read only if its header
 * is that of a parameter, so that nothing is allocated by what a file says.
 *
 * <p>The shapes expected are those of the parameters or, if the block is not initialized, those
 * with which it would be for the input shapes in the file.
 */
public final class ParameterLoader {

    private final Block block;
    private final String name;
    private final List<Loaded> parameters = new ArrayList<>();

    private ParameterLoader(Block block) {
        this.block = block;
        name = block.getClass().getSimpleName();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            parameters.add(new Loaded(pair.getKey(), pair.getValue()));
        }
    }

    /** Reads what a block saves before its parameters. */
    @FunctionalInterface
    public interface Metadata {

        /**
         * Reads the version and the metadata.
         *
         * @param in the stream
         * @return the shapes of the inputs of the block
         * @throws IOException if reading failed
         * @throws MalformedModelException if the block cannot have these metadata
         */
        Shape[] read(DataInputStream in) throws IOException, MalformedModelException;
    }

    /** The header of an array that is none of the parameters; the message is complete. */
    private static final class UnexpectedArrayException extends IOException {

        private static final long serialVersionUID = 1;

        UnexpectedArrayException(String message) {
            super(message);
        }
    }

    /**
     * Loads what {@link Block#saveParameters} wrote.
     *
     * @param block the block
     * @param manager the manager that owns the parameters
     * @param in the stream
     * @param metadata reads the version and the metadata of the block
     * @throws IOException if reading failed
     * @throws MalformedModelException if these are not the parameters of the block
     */
    public static void load(Block block, NDManager manager, DataInputStream in, Metadata metadata)
            throws IOException, MalformedModelException {
        if (in instanceof ParameterStream stream) {
            stream.checkShapes(block);
            metadata.read(stream);
            readParameters(block, manager, stream);
        } else {
            new ParameterLoader(block).load(manager, new ParameterStream(in), metadata);
        }
    }

    private static void readParameters(Block block, NDManager manager, ParameterStream in)
            throws IOException, MalformedModelException {
        for (Parameter parameter : block.getDirectParameters().values()) {
            parameter.load(manager, in);
        }
        for (Block child : block.getChildren().values()) {
            readChild(child, manager, in);
        }
    }

    private static void readChild(Block child, NDManager manager, ParameterStream in)
            throws IOException, MalformedModelException {
        if (child instanceof LayerNorm) {
            in.checkShapes(child);
        }
        try {
            child.loadParameters(manager, in);
        } catch (OutOfMemoryError e) { // a block that is not ours believes any count in the file
            throw new MalformedModelException("it has counts beyond the memory", e);
        }
    }

    private void load(NDManager manager, ParameterStream in, Metadata metadata)
            throws IOException, MalformedModelException {
        Shape[] inputShapes;
        try {
            in.checkShapes(block);
            inputShapes = metadata.read(in);
        } catch (EOFException e) {
            throw new MalformedModelException(name + ": the file ends before the parameters", e);
        } catch (StreamCorruptedException | UTFDataFormatException | IllegalArgumentException e) {
            throw malformed("not a file of its parameters", e);
        }
        boolean complete = false;
        try {
            expectShapes(manager, inputShapes);
            read(CheckedDecoder.of(manager, this::checkHeader), in);
            complete = true;
        } finally {
            if (!complete) {
                parameters.forEach(Loaded::restore);
            }
        }
    }

    private void read(NDManager manager, ParameterStream in)
            throws IOException, MalformedModelException {
        try {
            readParameters(block, manager, in);
        } catch (EOFException e) {
            checkShapes(true);
            throw new MalformedModelException(name + ": the file ends " + where("in"), e);
        } catch (UnexpectedArrayException e) {
            throw new MalformedModelException(e.getMessage(), e);
        } catch (MalformedModelException
                | StreamCorruptedException
                | UTFDataFormatException
                | RuntimeException e) {
            checkShapes(true);
            throw malformed("not a file of its parameters " + where("at"), e);
        }
        checkShapes(false);
    }

    private MalformedModelException malformed(String what, Exception cause) {
        return new MalformedModelException(name + ": " + what + ": " + cause.getMessage(), cause);
    }

    /** The parameter whose turn it is, and how many there are before it. */
    private String where(String in) {
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).isLoaded()) {
                return String.format(
                        "%s %s, after %d of its %d parameters",
                        in, parameters.get(i).name, i, parameters.size());
            }
        }
        return "after its parameters";
    }

    /** Before an array is read: it is to be that of a parameter which has not been read. */
    private void checkHeader(DataType type, Shape shape) throws IOException {
        Loaded next = null;
        for (Loaded parameter : parameters) {
            if (!parameter.isLoaded()) {
                if (parameter.accepts(shape, type)) {
                    return;
                }
                next = next == null ? parameter : next;
            }
        }
        throw new UnexpectedArrayException(
                next == null
                        ? name + ": expected no more arrays in the file, got one of shape " + shape
                        : unexpected(next, shape, type));
    }

    private String unexpected(Loaded parameter, Shape shape, DataType type) {
        return String.format(
                "%s: expected %s of shape %s, got %s of type %s in the file",
                name, parameter.name, parameter.expected, shape, type);
    }

    private void checkShapes(boolean partial) throws MalformedModelException {
        for (Loaded parameter : parameters) {
            if (!parameter.isLoaded()) {
                if (partial) {
                    return;
                }
                throw new MalformedModelException(
                        name + ": the file holds no value of " + parameter.name);
            }
            NDArray found = parameter.parameter.getArray();
            if (!parameter.accepts(found.getShape(), found.getDataType())) {
                throw new MalformedModelException(
                        unexpected(parameter, found.getShape(), found.getDataType()));
            }
        }
    }

    /** Initializes the block without memory, to see which shapes its parameters are to have. */
    private void expectShapes(NDManager manager, Shape[] inputShapes)
            throws MalformedModelException {
        if (parameters.stream().allMatch(parameter -> parameter.before != null)) {
            return;
        }
        try (NDManager scratch = manager.newSubManager()) {
            parameters.forEach(Loaded::beginInitialize);
            block.initialize(scratch, DataType.FLOAT32, inputShapes);
        } catch (RuntimeException e) { // the block's or the engine's, by the shapes in the file
            throw malformed("not a file of its parameters", e);
        } finally {
            parameters.forEach(Loaded::endInitialize);
        }
    }

    /** A parameter, and what it was before. */
    private static final class Loaded {

        private final String name;
        private final Parameter parameter;
        private final NDArray before; // null if it was not initialized
        private final Shape shapeBefore;
        private final Initializer initializer;
        private final boolean trainable;
        private Shape expected;

        Loaded(String name, Parameter parameter) {
            this.name = name;
            this.parameter = parameter;
            before = parameter.isInitialized() ? parameter.getArray() : null;
            shapeBefore = parameter.getShape();
            initializer = parameter.getInitializer();
            trainable = parameter.requiresGradient();
            expected = shapeBefore;
        }

        boolean accepts(Shape shape, DataType type) {
            return shape.equals(expected) && type.isFloating();
        }

        boolean isLoaded() {
            return parameter.isInitialized() && parameter.getArray() != before;
        }

        void beginInitialize() {
            if (before == null) {
                parameter.setInitializer(
                        (manager, shape, type) -> manager.zeros(new Shape(1), type));
                parameter.freeze(true); // or there would be memory for gradients
            }
        }

        void endInitialize() {
            if (before == null) {
                parameter.close();
                expected = parameter.getShape();
                parameter.setInitializer(initializer);
                parameter.freeze(!trainable);
            }
        }

        void restore() {
            if (isLoaded()) {
                parameter.close();
            }
            if (!parameter.isInitialized()) {
                parameter.setShape(before == null ? shapeBefore : null);
                if (before != null) {
                    parameter.setArray(before);
                }
            }
        }
    }
}
