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

import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.repository.SimpleRepository;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** A local folder with a checkpoint: DJL's own repository, with the arguments to load it. */
final class FolderRepository extends SimpleRepository {

    private final Path folder;

    FolderRepository(String name, URI uri, Path folder) {
        super(name, uri, folder);
        this.folder = folder;
    }

    @Override
    public Metadata locate(MRL mrl) throws IOException {
        Metadata metadata = super.locate(mrl);
        for (Artifact artifact : metadata.getArtifacts()) {
            LoadingDefaults.addTo(artifact, folder);
        }
        return metadata;
    }
}
