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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.s4d.S4DOptions;
import com.google.gson.JsonObject;
import java.util.Optional;
import java.util.Set;

/**
 * The LTI baseline: Mamba blocks with S4D in place of the selective SSM. Neither dialect has it; it
 * is written as Mamba with our own key {@code "ssm": "s4d"}, and its parameters keep the name of
 * the layer, {@code mixer.ssm.C}. Options that only the selective SSM has are written with their
 * defaults, and are read but not used.
 */
public final class S4DCodec implements CheckpointCodec {

    /** The value of the key {@link OwnKeys#SSM}. */
    static final String SSM = "s4d";

    /** Creates the codec, as Java's service loader does. */
    public S4DCodec() {}

    /** Whether a configuration names this layer. */
    static boolean isNamed(ConfigFile config) throws MalformedModelException {
        return SSM.equals(config.text(OwnKeys.SSM, null));
    }

    /** {@inheritDoc} */
    @Override
    public Set<String> modelTypes() {
        return MambaCodec.MODEL_TYPES;
    }

    /** {@inheritDoc} */
    @Override
    public Set<String> layers() {
        return MambaCodec.LAYERS;
    }

    /** {@inheritDoc} */
    @Override
    public boolean reads(ConfigFile config, Dialect dialect) throws MalformedModelException {
        return CheckpointCodec.super.reads(config, dialect) && isNamed(config);
    }

    /** {@inheritDoc} */
    @Override
    public MambaConfig read(ConfigFile config, Dialect dialect) throws MalformedModelException {
        MambaOptions found = MambaCodec.options(config, dialect);
        S4DOptions options =
                S4DOptions.builder()
                        .optStateSize(found.stateSize())
                        .optConvKernel(found.convKernel())
                        .optExpand(found.expand())
                        .optTimeStepInit(found.timeStepInit().min(), found.timeStepInit().max())
                        .optGate(found.gate())
                        .optBias(found.bias())
                        .optConvBias(found.convBias())
                        .build();
        return MambaCodec.model(config, dialect).optMixer(options).build();
    }

    /** {@inheritDoc} */
    @Override
    public boolean writes(MambaConfig config, Dialect dialect) {
        return config.mixers().size() == 1 && config.layers().get(0) instanceof S4DOptions;
    }

    /** {@inheritDoc} */
    @Override
    public Optional<String> foreign(MambaConfig config, Dialect dialect) {
        return dialect == Dialect.TRANSFORMERS ? Optional.of("S4D layers") : Optional.empty();
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject write(MambaConfig config, Form form) {
        S4DOptions options = (S4DOptions) config.layers().get(0);
        double floor = TimeStepInit.DEFAULT.floor();
        MambaOptions written =
                MambaOptions.builder()
                        .optStateSize(options.stateSize())
                        .optConvKernel(options.convKernel())
                        .optExpand(options.expand())
                        .optTimeStepInit(
                                new TimeStepInit(
                                        options.timeStepInitMin(),
                                        options.timeStepInitMax(),
                                        floor))
                        .optGate(options.gate())
                        .optBias(options.bias())
                        .optConvBias(options.convBias())
                        .build()
                        .forModelSize(config.modelSize());
        return MambaCodec.write(config, written, form, SSM);
    }

    /** {@inheritDoc} */
    @Override
    public String tensorName(String name, MambaConfig config) {
        return name;
    }
}
