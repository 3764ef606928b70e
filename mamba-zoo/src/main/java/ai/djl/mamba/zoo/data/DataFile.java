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
 * @param path the file, or the archive that it is in
 * @param entry its name in the archive, or {@code null}
 * @param name its name below the folder or archive that was named, with "/" between folders
 * @param size its size in bytes
 * @param wanted whether it was named or matched by a pattern, so that it is read whatever is in it
 */
record DataFile(Path path, String entry, String name, long size, boolean wanted) {

    /** Where the file is, for messages. */
    String origin() {
        return entry == null ? path.toString() : path + "!" + entry;
    }
}
