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
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.util.Utils;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The arguments that DJL's loader needs for any checkpoint, unless the user sets others. */
final class LoadingDefaults {

    private static final String ENGINE = "engine";
    private static final String PREFERRED_ENGINE = "PyTorch";

    private LoadingDefaults() {}

    /**
     * Completes the description of a checkpoint.
     *
     * @param artifact the checkpoint
     * @param folder its folder, which may hold a serving.properties, or {@code null}
     */
    static void addTo(Artifact artifact, Path folder) throws IOException {
        Map<String, Object> arguments = artifact.getArguments();
        arguments.putIfAbsent("blockFactory", MambaBlockFactory.class.getName());
        arguments.putIfAbsent("translatorFactory", MambaTranslatorFactory.class.getName());
        if (prefersPyTorch() && !namesEngine(folder)) {
            arguments.putIfAbsent(ENGINE, PREFERRED_ENGINE);
        }
        // the block factory fills the block: there is no file in DJL's own format to read
        artifact.setOptions(Map.of("hasParameter", "false"));
    }

    /** The description of a model that has no metadata.json. */
    static Metadata metadata(MRL mrl, List<Artifact> artifacts) {
        Metadata metadata = new Metadata();
        metadata.setMetadataVersion("0.2");
        metadata.setResourceType("model");
        metadata.setApplication(mrl.getApplication());
        metadata.setGroupId(mrl.getGroupId());
        metadata.setArtifactId(mrl.getArtifactId());
        metadata.setRepositoryUri(URI.create(""));
        metadata.setArtifacts(artifacts);
        return metadata;
    }

    /** With several engines on the class path DJL's own default is not the fastest. */
    private static boolean prefersPyTorch() {
        return Engine.hasEngine(PREFERRED_ENGINE)
                && Utils.getEnvOrSystemProperty("DJL_DEFAULT_ENGINE") == null
                && System.getProperty("ai.djl.default_engine") == null;
    }

    private static boolean namesEngine(Path folder) throws IOException {
        Path file = folder == null ? null : folder.resolve("serving.properties");
        if (file == null || !Files.isRegularFile(file)) {
            return false;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties.containsKey(ENGINE);
    }
}
