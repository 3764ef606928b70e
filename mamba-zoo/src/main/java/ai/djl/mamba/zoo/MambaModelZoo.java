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
package ai.djl.mamba.zoo;

import ai.djl.engine.Engine;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.ModelZoo;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The zoo of published Mamba models, and of small ones that come with it, found by DJL's service
 * loading.
 *
 * <p>{@code Criteria.optArtifactId("mamba-130m-hf")} names a model of {@link PretrainedModel#list}
 * or of {@link BundledModel#list}; {@code optModelName("owner/name")} any model of the hub, but
 * only together with {@code optGroupId(GROUP_ID)}: DJL asks every zoo on the class path, and others
 * accept any model name. The filter {@code dialect}, {@code original} or {@code transformers},
 * chooses a form of a name without {@code -hf}.
 */
public final class MambaModelZoo extends ModelZoo {

    /** The group of the zoo. */
    public static final String GROUP_ID = "ai.djl.mamba";

    /** The engines that the layers run on. */
    static final List<String> ENGINES = List.of("PyTorch", "MXNet");

    /** Creates the zoo. */
    public MambaModelZoo() {
        HubRepository repository = HubRepository.ofZoo();
        for (MRL model : repository.getResources()) {
            addModel(new NamedModelLoader(model, repository::isComplete));
        }
        for (MRL model : new BundledRepository().getResources()) {
            addModel(new NamedModelLoader(model, artifact -> true));
        }
        addModel(new HubModelLoader(repository));
    }

    /** {@inheritDoc} */
    @Override
    public String getGroupId() {
        return GROUP_ID;
    }

    /** {@inheritDoc} */
    @Override
    public Set<String> getSupportedEngines() {
        Set<String> engines = new LinkedHashSet<>(ENGINES);
        engines.retainAll(Engine.getAllEngines());
        return engines;
    }
}
