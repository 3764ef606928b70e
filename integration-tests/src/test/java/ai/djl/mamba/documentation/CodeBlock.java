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

import java.util.List;

/**
 * A fenced block of a document.
 *
 * @param document the path of the document below the root of the project
 * @param line the number of its first line, the fence
 * @param language what follows the opening fence
 * @param lines what is between the fences
 */
record CodeBlock(String document, int line, String language, List<String> lines) {

    /** The text without white space: the formatter breaks deeper lines in other places. */
    String squeezed() {
        return squeeze(String.join("\n", lines));
    }

    /** Where the block is, for messages. */
    String place() {
        return document + ":" + line;
    }

    static String squeeze(String code) {
        return code.replaceAll("\\s+", "");
    }
}
