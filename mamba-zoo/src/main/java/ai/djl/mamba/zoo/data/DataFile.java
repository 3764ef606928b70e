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

import java.nio.file.Path;

/**
 * A file with documents.
 *
 * @param path the file, or the archive that contains it
 * @param entry its name in the archive, or {@code null}
 * @param name its path relative to the given folder or archive, separated by "/"
 * @param size its size in bytes
 * @param wanted whether it was given by name or pattern, so that it is read whatever its content
 */
record DataFile(Path path, String entry, String name, long size, boolean wanted) {

    /** Returns where the file is, for messages. */
    String origin() {
        return entry == null ? path.toString() : path + "!" + entry;
    }
}
