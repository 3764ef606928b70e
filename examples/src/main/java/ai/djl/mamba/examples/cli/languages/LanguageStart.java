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
package ai.djl.mamba.examples.cli.languages;

import java.util.Arrays;
import java.util.Locale;

/** What a classifier of languages starts from. */
enum LanguageStart {
    /** Random numbers. */
    SCRATCH("from scratch"),
    /** The pretrained model, all of which is trained. */
    PRETRAINED("pretrained, all trained"),
    /** The pretrained model, beside which adapters are trained. */
    LORA("pretrained, LoRA");

    private final String label;

    LanguageStart(String label) {
        this.label = label;
    }

    /** Its name for people. */
    String label() {
        return label;
    }

    /** Its name for files. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static LanguageStart of(String key) {
        return Arrays.stream(values()).filter(s -> s.key().equals(key)).findFirst().orElseThrow();
    }
}
