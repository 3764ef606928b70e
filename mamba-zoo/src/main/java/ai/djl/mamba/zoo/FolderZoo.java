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
import java.nio.file.Path;
import java.util.Set;

/**
 * A folder that is known to hold a checkpoint, as a zoo of one model. {@code Criteria.optModelPath}
 * would make DJL look at the folder again to find out what it holds.
 */
final class FolderZoo extends ModelZoo {

    FolderZoo(Path folder) {
        FolderRepository repository = new FolderRepository("Mamba", folder.toUri(), folder);
        for (MRL model : repository.getResources()) {
            addModel(model);
        }
    }

    @Override
    public String getGroupId() {
        return MambaModelZoo.GROUP_ID;
    }

    /** Engines that the layers do not run on may load the folder in their own way. */
    @Override
    public Set<String> getSupportedEngines() {
        return Engine.getAllEngines();
    }
}
