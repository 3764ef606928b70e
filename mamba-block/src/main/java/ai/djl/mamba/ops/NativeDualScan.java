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

import ai.djl.mamba.engine.Operators;
import ai.djl.ndarray.NDList;
import java.util.Objects;

/**
 * The scan of Mamba-2 as one fused operator of the engine, whose backward computes states again
 * from a few that the forward keeps.
 */
public final class NativeDualScan implements DualScan {

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "native";
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if the engine of x has no such operator; the message says why
     * @throws IllegalArgumentException if an argument is wrong; the message starts with its name
     */
    @Override
    public NDList scan(DualScanInput input) {
        Objects.requireNonNull(input.x(), "x");
        return Operators.forEngineOf(input.x()).require().dualScan(input);
    }
}
