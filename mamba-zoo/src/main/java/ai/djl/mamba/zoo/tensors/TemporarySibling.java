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
package ai.djl.mamba.zoo.tensors;

import java.nio.file.Path;
import java.util.UUID;

/**
 * Names files that become another one in a single move, which needs the same folder. Unlike those
 * of {@code Files.createTempFile} they get the permissions that the user's files usually have.
 */
public final class TemporarySibling {

    private TemporarySibling() {}

    /**
     * Names a file.
     *
     * @param path the path that the file is to become
     * @return an unused hidden name beside it
     */
    public static Path of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID());
    }
}
