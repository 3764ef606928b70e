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
package ai.djl.mamba.families;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.Layer;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.SequenceBlock;

/**
 * The options of a {@link GatedLinearBlock}.
 *
 * @param expand E / d
 */
public record GatedLinearOptions(int expand) implements Mixer {

    public GatedLinearOptions() {
        this(2);
    }

    public GatedLinearOptions {
        Checks.positive("GatedLinearOptions", "expand", expand);
    }

    @Override
    public String kind() {
        return "gated-linear";
    }

    @Override
    public SequenceBlock newBlock(Layer layer) {
        return new GatedLinearBlock(expand, layer.outputScale(), false);
    }

    @Override
    public GatedLinearOptions forModelSize(int modelSize) {
        Checks.innerSize("GatedLinearOptions", expand, modelSize);
        return this;
    }
}
