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
package ai.djl.mamba.ops;

import ai.djl.ndarray.NDArray;
import java.util.ServiceLoader;

/** Provides native operators for an engine; found by {@link ServiceLoader}. */
public interface OpsProvider {

    /**
     * Returns the engine whose arrays the operators accept.
     *
     * @return the name of the engine
     */
    String engineName();

    /**
     * Returns the operators without a fallback: they throw an exception for anything they do not
     * support. The first call loads whatever they need.
     *
     * @return the operators, or the reason why there are none
     */
    Availability alone();

    /**
     * Returns the operators for arrays of the same type and device as the given one. They fall back
     * to {@link Ops#composed} for anything they do not support.
     *
     * @param array the array, of this engine
     * @return the operators, or the reason why there are none
     */
    Availability forArray(NDArray array);

    /** Native operators of an engine, or the reason why there are none. */
    final class Availability {

        private final Ops ops; // null if there are none
        private final String reason;
        private final Throwable cause;

        private Availability(Ops ops, String reason, Throwable cause) {
            this.ops = ops;
            this.reason = reason;
            this.cause = cause;
        }

        /**
         * Creates the availability of operators that can be used.
         *
         * @param ops the operators
         * @return their availability
         */
        public static Availability of(Ops ops) {
            return new Availability(ops, null, null);
        }

        /**
         * Creates the availability of operators that cannot be used.
         *
         * @param reason the reason, which completes "the native operators cannot be used: …"
         * @param cause what failed, or {@code null} if nothing did
         * @return their availability
         */
        public static Availability none(String reason, Throwable cause) {
            return new Availability(null, reason, cause);
        }

        /**
         * Returns whether there are operators.
         *
         * @return whether they can be used
         */
        public boolean exists() {
            return ops != null;
        }

        /**
         * Returns why there are no operators, if so.
         *
         * @return the reason, or {@code null} if there are operators
         */
        public String reason() {
            return reason;
        }

        /**
         * Returns the operators.
         *
         * @return the operators
         * @throws IllegalStateException if there are none; its message and cause say why
         */
        public Ops require() {
            if (ops == null) {
                throw new IllegalStateException(
                        "The native operators cannot be used: " + reason, cause);
            }
            return ops;
        }
    }
}
