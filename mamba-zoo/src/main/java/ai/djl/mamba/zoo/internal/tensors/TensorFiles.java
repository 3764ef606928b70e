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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.PlainFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the tensors of a model in its folder, by the file names of the Hugging Face hub. */
public final class TensorFiles {

    /** The file names, in order of preference. */
    public static final List<String> NAMES =
            List.of(
                    "model.safetensors",
                    "model.safetensors.index.json",
                    "pytorch_model.bin",
                    "pytorch_model.bin.index.json");

    private static final String INDEX = ".index.json";
    private static final String SAFETENSORS = ".safetensors";

    private TensorFiles() {}

    /**
     * Finds the tensors of a folder without opening them.
     *
     * @param folder the folder
     * @return the first existing file of {@link #NAMES}
     */
    public static Optional<Path> find(Path folder) {
        return find(folder, NAMES);
    }

    /**
     * Finds a file.
     *
     * @param folder the folder
     * @param names the names of files, in order of preference
     * @return the first that exists
     */
    public static Optional<Path> find(Path folder, List<String> names) {
        return names.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    }

    /**
     * Finds tensors without opening them.
     *
     * @param folder the folder
     * @return the first existing file of {@link #NAMES}
     * @throws NoSuchFileException if none of these files exists; the message lists them
     * @throws FileSystemException if there are only folders, pipes or devices of these names
     */
    public static Path require(Path folder) throws FileSystemException {
        Optional<Path> found = find(folder, NAMES);
        if (found.isPresent()) {
            return found.get();
        }
        requireReadable(folder, NAMES);
        throw new NoSuchFileException(
                folder.toString(), null, "expected one of " + String.join(", ", NAMES));
    }

    /**
     * Checks that files which were not {@linkplain #find(Path, List) found} are missing indeed.
     *
     * @param folder the folder
     * @param names the names of files
     * @throws FileSystemException if a name is that of a folder, a pipe or a device
     */
    public static void requireReadable(Path folder, List<String> names) throws FileSystemException {
        for (String name : names) {
            PlainFiles.requireReadable(folder.resolve(name));
        }
    }

    /**
     * Opens the tensors of a folder.
     *
     * @param folder the folder
     * @return the tensors of the first existing file of {@link #NAMES}
     * @throws NoSuchFileException if none of these files exists; the message lists them
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if a file does not have the format of its name, is truncated,
     *     or is inconsistent
     */
    public static TensorSource open(Path folder) throws IOException, MalformedModelException {
        return open(require(folder), Set.of());
    }

    /**
     * Opens the tensors of a file. Names that tools of PyTorch add to those of a model, such as
     * {@code _orig_mod.}, are left out, which the log says.
     *
     * @param file the file; its name tells its format
     * @param optional the tensors that an index may list although none of its files has them
     * @return the tensors
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if a file does not have the format of its name, is truncated,
     *     or is inconsistent
     */
    public static TensorSource open(Path file, Set<String> optional)
            throws IOException, MalformedModelException {
        if (file.toString().endsWith(INDEX)) {
            return WrapperNames.strip(new ShardedReader(file, optional));
        }
        return WrapperNames.strip(
                isSafetensors(file) ? new SafetensorsReader(file) : new TorchReader(file));
    }

    /** Detects the format of a file, or of the files of an index, by its name. */
    static boolean isSafetensors(Path file) {
        String name = file.toString();
        return name.endsWith(SAFETENSORS) || name.endsWith(SAFETENSORS + INDEX);
    }
}
