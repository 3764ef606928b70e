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
package ai.djl.mamba.zoo.data;

import java.util.function.UnaryOperator;

/**
 * Labels files by their names.
 *
 * @param description describes the labels
 * @param labels returns the label of a name
 * @param problem what is wrong with a file without label, or {@code null} if nothing is
 */
record FileLabels(String description, UnaryOperator<String> labels, String problem)
        implements LabelSource {

    @Override
    public String label(String name) {
        return labels.apply(name);
    }
}
