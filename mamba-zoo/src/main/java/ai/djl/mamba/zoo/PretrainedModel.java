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

import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.internal.hub.HubId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A published model that the zoo knows by name.
 *
 * @param name its name in the zoo, which is that on the hub
 * @param id where it is on the hub
 * @param dialect the dialect of its checkpoint
 * @param size the size in its name, such as 130m
 * @param parameters the number of parameters, a tied head counted once
 * @param licence its licence, as an SPDX identifier
 */
public record PretrainedModel(
        String name, HubId id, Dialect dialect, String size, long parameters, String licence) {

    /** The tokenizer of all these models; the repositories in the original dialect have none. */
    static final HubId TOKENIZER = HubId.parse("EleutherAI/gpt-neox-20b");

    private static final String OWNER = "state-spaces";
    private static final String TRANSFORMERS_SUFFIX = "-hf";
    private static final List<PretrainedModel> ALL = all();

    private static List<PretrainedModel> all() {
        List<PretrainedModel> models = new ArrayList<>();
        addBoth(models, "130m", 129_135_360);
        addBoth(models, "370m", 371_516_416);
        addBoth(models, "790m", 793_204_224);
        addBoth(models, "1.4b", 1_372_178_432);
        addBoth(models, "2.8b", 2_768_345_600L);
        models.add(of("mamba-2.8b-slimpj", Dialect.ORIGINAL, "2.8b", 2_768_345_600L));
        models.add(of("mamba2-130m", Dialect.ORIGINAL, "130m", 128_989_632));
        models.add(of("mamba2-370m", Dialect.ORIGINAL, "370m", 368_346_624));
        models.add(of("mamba2-780m", Dialect.ORIGINAL, "780m", 780_161_280));
        models.add(of("mamba2-1.3b", Dialect.ORIGINAL, "1.3b", 1_343_757_312));
        models.add(of("mamba2-2.7b", Dialect.ORIGINAL, "2.7b", 2_702_599_680L));
        return List.copyOf(models);
    }

    /** Adds a model of Mamba-1, which is published in both dialects. */
    private static void addBoth(List<PretrainedModel> models, String size, long parameters) {
        String name = "mamba-" + size;
        models.add(of(name, Dialect.ORIGINAL, size, parameters));
        models.add(of(name + TRANSFORMERS_SUFFIX, Dialect.TRANSFORMERS, size, parameters));
    }

    private static PretrainedModel of(String name, Dialect dialect, String size, long parameters) {
        HubId id = HubId.parse(OWNER + '/' + name);
        return new PretrainedModel(name, id, dialect, size, parameters, "Apache-2.0");
    }

    /**
     * Returns all models that the zoo knows.
     *
     * @return the models of Mamba-1 and then those of Mamba-2, small ones first
     */
    public static List<PretrainedModel> list() {
        return ALL;
    }

    /**
     * Finds a model by its name in the zoo.
     *
     * @param name the name
     * @return the model, if there is one
     */
    public static Optional<PretrainedModel> find(String name) {
        return ALL.stream().filter(model -> model.name.equals(name)).findFirst();
    }

    /**
     * Finds a model by its place on the hub.
     *
     * @param id the place
     * @return the model, if the zoo knows it by name
     */
    public static Optional<PretrainedModel> find(HubId id) {
        return ALL.stream().filter(model -> model.id.equals(id)).findFirst();
    }

    /** Whether the model is one form of what a name without dialect means. */
    boolean isFormOf(String artifact) {
        return name.equals(artifact) || name.equals(artifact + TRANSFORMERS_SUFFIX);
    }

    /** The properties by which {@code Criteria.optFilter} chooses. */
    Map<String, String> properties() {
        return Map.of("dialect", dialect.name().toLowerCase(Locale.ROOT), "size", size);
    }
}
