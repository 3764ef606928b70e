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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.Arrays;

/** Argument checks, made before any native call so that the message names what is wrong. */
public final class Checks {

    /** The largest accepted size: far beyond any model, but no size derived from it overflows. */
    public static final long MAX_SIZE = 1 << 30;

    private Checks() {}

    /**
     * Throws unless a condition holds.
     *
     * @param condition the condition
     * @param owner the class to name in the message
     * @param message what was expected and found, a {@link String#format} pattern
     * @param args the arguments of the pattern
     * @throws IllegalArgumentException if the condition does not hold
     */
    public static void require(boolean condition, String owner, String message, Object... args) {
        if (!condition) {
            throw new IllegalArgumentException(owner + ": " + String.format(message, args));
        }
    }

    /**
     * Throws unless an array is one of the engine that made a weight.
     *
     * @param owner the class to name in the message
     * @param input the array
     * @param weight the weight
     * @throws IllegalArgumentException if another engine made the array
     */
    public static void engine(String owner, NDArray input, NDArray weight) {
        if (input.getClass() != weight.getClass()) {
            String expected = weight.getManager().getEngine().getEngineName();
            String found = input.getManager().getEngine().getEngineName();
            require(
                    found.equals(expected),
                    owner,
                    "expected arrays of the engine %s, like the parameters, got one of %s",
                    expected,
                    found);
        }
    }

    /**
     * Throws unless the engine, the type and the last axis of an input match those of a weight.
     *
     * @param owner the class to name in the message
     * @param input the input, (…, E)
     * @param weight the weight, (…, E)
     * @throws IllegalArgumentException if the last axis, the type or the engine differs, or the
     *     input is a scalar
     */
    public static void lastAxis(String owner, NDArray input, NDArray weight) {
        engine(owner, input, weight);
        Shape shape = input.getShape();
        int rank = shape.dimension();
        long expected = weight.getShape().get(weight.getShape().dimension() - 1);
        require(
                input.getDataType() == weight.getDataType(),
                owner,
                "expected an input of the weight's type %s, got %s",
                weight.getDataType(),
                input.getDataType());
        require(
                rank > 0 && shape.get(rank - 1) == expected,
                owner,
                "expected an input of shape (…, %d), got %s",
                expected,
                shape);
    }

    /**
     * Throws if an argument is {@code null}.
     *
     * @param <T> the type of the argument
     * @param owner the class to name in the message
     * @param argument the name of the argument
     * @param value its value
     * @return the value
     * @throws IllegalArgumentException if the value is {@code null}
     */
    public static <T> T given(String owner, String argument, T value) {
        require(value != null, owner, "%s must not be null", argument);
        return value;
    }

    /**
     * Throws if a block that a builder was given is part of the block that it built before.
     *
     * @param owner the class that is built, to name in the message
     * @param setter the method that gives the block
     * @param block the block, or {@code null}
     * @param used the block that the build before used, or {@code null}
     * @throws IllegalArgumentException if they are the same
     */
    public static void unused(String owner, String setter, Block block, Block used) {
        require(
                block == null || block != used,
                owner,
                "the block of %s is part of the one that was built before, and would share its"
                        + " parameters: give each build its own",
                setter);
    }

    /**
     * Throws unless an option is positive.
     *
     * @param owner the class to name in the message
     * @param option the name of the option
     * @param value its value
     * @return the value
     * @throws IllegalArgumentException if the value is not positive
     */
    public static int positive(String owner, String option, int value) {
        require(value > 0, owner, "%s must be positive, got %d", option, value);
        return value;
    }

    /**
     * Throws unless a size is positive, and not so large that sizes derived from it overflow.
     *
     * @param owner the class to name in the message
     * @param option the name of the option
     * @param value its value
     * @return the value
     * @throws IllegalArgumentException if the value is out of range
     */
    public static int size(String owner, String option, int value) {
        positive(owner, option, value);
        require(value <= MAX_SIZE, owner, "%s must be at most %d, got %d", option, MAX_SIZE, value);
        return value;
    }

    /**
     * Throws if a parameter would have more elements than an array can have.
     *
     * @param owner the class to name in the message
     * @param parameter the name of the parameter
     * @param axes its shape
     * @throws IllegalArgumentException if there are more than 2³¹ − 1
     */
    public static void elements(String owner, String parameter, long... axes) {
        double elements = Arrays.stream(axes).asDoubleStream().reduce(1, (x, y) -> x * y);
        require(
                elements <= Integer.MAX_VALUE,
                owner,
                "%s would have the shape %s: more than %d elements",
                parameter,
                new Shape(axes),
                Integer.MAX_VALUE);
    }

    /**
     * Throws unless a required size of a builder was set, and is positive.
     *
     * @param owner the class to name in the message
     * @param option the name of the option, whose setter is {@code setOption}
     * @param value its value, 0 if it was not set
     * @return the value
     * @throws IllegalArgumentException if the value is not positive
     */
    public static int required(String owner, String option, int value) {
        String setter = "set" + Character.toUpperCase(option.charAt(0)) + option.substring(1);
        require(value != 0, owner, "%s is required", setter);
        return positive(owner, option, value);
    }

    /**
     * Throws unless a number is a valid dropout rate.
     *
     * @param owner the class to name in the message
     * @param rate the rate
     * @throws IllegalArgumentException if the rate is not in [0, 1)
     */
    public static void dropout(String owner, Number rate) {
        double value = rate.doubleValue();
        require(value >= 0 && value < 1, owner, "dropout must be in [0, 1), got %s", rate);
    }

    /**
     * Throws if the inner size of a mixer is so large that sizes derived from it could overflow.
     *
     * @param owner the class to name in the message
     * @param expand E / d
     * @param modelSize d
     * @return E = expand · d
     * @throws IllegalArgumentException if the product is larger than {@link #MAX_SIZE}
     */
    public static int innerSize(String owner, int expand, int modelSize) {
        long inner = (long) expand * modelSize;
        require(
                inner <= MAX_SIZE,
                owner,
                "expand · modelSize must be at most %d, got %d · %d",
                MAX_SIZE,
                expand,
                modelSize);
        return (int) inner;
    }
}
