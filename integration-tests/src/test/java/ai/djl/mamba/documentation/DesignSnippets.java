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
package ai.djl.mamba.documentation;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import java.util.List;

/** The example of docs/design.md, word for word; {@link ComposeSnippetsTest} runs it. */
final class DesignSnippets {

    private DesignSnippets() {}

    static MambaConfig hybrid() {
        Mixer mamba = MambaOptions.builder().optStateSize(8).build();
        Mixer mamba2 = Mamba2Options.builder().optStateSize(16).optHeadSize(8).build();
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(256)
                        .setModelSize(32)
                        .setLayers(List.of(mamba, mamba, mamba2, mamba))
                        .build();
        return config;
    }
}
