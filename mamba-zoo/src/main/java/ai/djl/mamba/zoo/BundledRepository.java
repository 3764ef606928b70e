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

import ai.djl.Application;
import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.util.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The models in the jar of the zoo, see {@link BundledModel}. */
final class BundledRepository extends AbstractRepository {

    private static final Application APPLICATION = Application.NLP.TEXT_GENERATION;
    private static final String VERSION = "1.0.0";

    BundledRepository() {
        super("Mamba, bundled", URI.create("bundled://mamba-zoo"));
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public Metadata locate(MRL mrl) throws IOException {
        Artifact artifact = new Artifact();
        artifact.setName(mrl.getArtifactId());
        artifact.setVersion(VERSION);
        artifact.setProperties(Map.of("dialect", "transformers"));
        artifact.setFiles(Map.of());
        LoadingDefaults.addTo(artifact, null);
        return LoadingDefaults.metadata(mrl, List.of(artifact));
    }

    @Override
    public Artifact resolve(MRL mrl, Map<String, String> filter) throws IOException {
        return mrl.match(filter);
    }

    @Override
    public void prepare(Artifact artifact, Progress progress) {
        // the directory is created on demand
    }

    @Override
    public Path getResourceDirectory(Artifact artifact) throws IOException {
        return BundledModel.find(artifact.getName()).orElseThrow().extract();
    }

    @Override
    public List<MRL> getResources() {
        return BundledModel.list().stream()
                .map(known -> model(APPLICATION, MambaModelZoo.GROUP_ID, known.name()))
                .toList();
    }
}
