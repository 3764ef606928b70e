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
package ai.djl.mamba.engine;

/**
 * The operators of an engine, or why there are none.
 *
 * @param operators the operators, or {@code null}
 * @param reason why they cannot be used, or {@code null} where they can
 * @param cause what was thrown on the attempt, or {@code null}
 */
public record Availability(EngineOperators operators, String reason, Throwable cause) {

    static Availability of(EngineOperators operators) {
        return new Availability(operators, null, null);
    }

    static Availability none(String reason, Throwable cause) {
        return new Availability(null, reason, cause);
    }

    /**
     * Returns whether there are operators.
     *
     * @return whether they can be used
     */
    public boolean exists() {
        return operators != null;
    }

    /**
     * Returns the operators.
     *
     * @return the operators
     * @throws IllegalStateException if they cannot be used; its message and cause say why
     */
    public EngineOperators require() {
        if (operators == null) {
            throw new IllegalStateException(
                    "The native operators cannot be used: " + reason, cause);
        }
        return operators;
    }
}
