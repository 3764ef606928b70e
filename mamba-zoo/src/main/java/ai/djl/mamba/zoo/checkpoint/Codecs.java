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
import ai.djl.mamba.layer.Mixer;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All {@link CheckpointCodec}s on the class path. */
final class Codecs {

    private static final List<CheckpointCodec> ALL =
            ServiceLoader.load(CheckpointCodec.class, CheckpointCodec.class.getClassLoader())
                    .stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    private Codecs() {}

    /** The names of all families, sorted. */
    static Set<String> names(Function<CheckpointCodec, Set<String>> names) {
        return ALL.stream()
                .flatMap(codec -> names.apply(codec).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Finds the codec that reads a configuration.
     *
     * @throws MalformedModelException if no codec claims it
     */
    static CheckpointCodec reading(ConfigFile config, Dialect dialect)
            throws MalformedModelException {
        CheckpointCodec found = null;
        for (CheckpointCodec codec : ALL) {
            if (!codec.reads(config, dialect)) {
                continue;
            }
            if (found != null) {
                throw new IllegalStateException(
                        String.format(
                                "%s and %s both claim %s",
                                found.getClass().getName(), codec.getClass().getName(), config));
            }
            found = codec;
        }
        ConfigFile ssm = config.section(OriginalKeys.SSM);
        if (found == null) {
            throw ssm.malformed(OriginalKeys.LAYER, "one of " + names(CheckpointCodec::layers));
        }
        // checkpoints converted to the dialect of transformers may keep the original's keys
        String layer = ssm.text(OriginalKeys.LAYER, null);
        if (layer != null && !found.layers().contains(layer)) {
            throw ssm.malformed(OriginalKeys.LAYER, "one of " + found.layers());
        }
        return found;
    }

    /** Finds a codec that writes a configuration. */
    static Optional<CheckpointCodec> writing(MambaConfig config, Dialect dialect) {
        return ALL.stream().filter(codec -> codec.writes(config, dialect)).findFirst();
    }

    /**
     * Finds the codec that writes a configuration.
     *
     * @throws IllegalArgumentException if no configuration of the dialect can describe the model
     */
    static CheckpointCodec requireWriting(MambaConfig config, Dialect dialect) {
        return writing(config, dialect)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        String.format(
                                                "MambaCheckpoint: no checkpoint of the dialect %s"
                                                        + " can describe this stack of %d layers"
                                                        + " with the mixers %s",
                                                dialect,
                                                config.numLayers(),
                                                describe(config.mixers()))));
    }

    /** The kinds, or the options in full where the layers differ only in these. */
    private static List<String> describe(Set<Mixer> mixers) {
        List<String> kinds = mixers.stream().map(Mixer::kind).distinct().toList();
        return kinds.size() < mixers.size() ? mixers.stream().map(Mixer::toString).toList() : kinds;
    }
}
