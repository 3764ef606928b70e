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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.mamba.testing.Mutations;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Reads damaged files of tensors and prints what came of it. A file may load or be refused by an
 * error that names it; anything else is printed as a line that begins with FAILED.
 */
final class TensorFuzzRun {

    private static final int LONGEST_SECONDS = 10;
    private static final Set<String> FLOATS = Set.of("F64", "F32", "F16", "BF16");
    private static final String INDEX =
            "{\"metadata\": {\"total_size\": 64}, \"weight_map\": {\"weight\": \"a.bin\","
                    + " \"bias\": \"a.bin\", \"t\": \"b.bin\"}}";
    private static final String[] PICKLES = {
        "types.bin", "views.bin", "wrapped.bin", "protocol4.bin", "flat.bin"
    };
    private static final String[] SAFETENSORS = {
        "types.safetensors", "views.safetensors", "wrapped.safetensors"
    };

    private final Path work;
    private final NDManager manager;
    private final Map<String, byte[]> sound = new HashMap<>();
    private int loaded;
    private int refused;

    private TensorFuzzRun(Path work, NDManager manager) throws Exception {
        this.work = work;
        this.manager = manager;
        for (String[] names : new String[][] {PICKLES, SAFETENSORS}) {
            for (String name : names) {
                sound.put(name, Files.readAllBytes(TorchArchives.resource(name)));
            }
        }
    }

    /** Arguments: the number of files, and the first seed. */
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        long seed = Long.parseLong(args[1]);
        Path work = Files.createTempDirectory("mamba-fuzz");
        ExecutorService executor = Executors.newSingleThreadExecutor(TensorFuzzRun::daemon);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            TensorFuzzRun run = new TensorFuzzRun(work, manager);
            for (int i = 0; i < count; i++) {
                long one = seed + i;
                Future<?> done = executor.submit(() -> run.tryOne(one));
                done.get(LONGEST_SECONDS, TimeUnit.SECONDS); // longer ends the run as an error
            }
            System.out.println("loaded " + run.loaded + ", refused " + run.refused);
        } finally {
            executor.shutdownNow();
            ProcessFiles.delete(work);
        }
    }

    /** A reader that hangs must not keep this JVM alive. */
    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    /** Everything thrown is caught: a run shows all failures. */
    private void tryOne(long seed) {
        try {
            Path folder = Files.createDirectories(work.resolve("f"));
            List<Path> files = write(folder, seed);
            try {
                readAll(folder);
                loaded++;
            } catch (MalformedModelException | IOException e) {
                refused++;
                if (files.stream().noneMatch(file -> e.getMessage().contains(file.toString()))) {
                    System.out.println("FAILED " + seed + " names no file: " + e);
                }
            }
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (Throwable e) {
            System.out.println("FAILED " + seed + ": " + e + ' ' + List.of(e.getStackTrace()));
        }
    }

    private List<Path> write(Path folder, long seed) throws IOException {
        Mutations blind = new Mutations(seed);
        TensorMutations mutations = new TensorMutations(blind);
        int kind = (int) Math.floorMod(seed, 8L);
        int choice = (int) Math.floorMod(seed / 8, 60L);
        byte[] pickle = sound.get(PICKLES[choice % PICKLES.length]);
        byte[] safetensors = sound.get(SAFETENSORS[choice % SAFETENSORS.length]);
        Path bin = folder.resolve("pytorch_model.bin");
        Path model = folder.resolve("model.safetensors");
        return switch (kind) {
            case 0 -> List.of(Files.write(model, blind.bytes(safetensors)));
            case 1, 2 -> List.of(Files.write(model, mutations.safetensors(safetensors)));
            case 3 -> List.of(Files.write(bin, blind.bytes(pickle)));
            case 4 -> List.of(Files.write(bin, mutations.zip(pickle)));
            case 5, 6 -> List.of(Files.write(bin, mutations.torch(pickle, work)));
            default -> writeShards(folder, blind, choice % 3);
        };
    }

    /** Damages the index, blindly or as JSON, or one of its files. */
    private List<Path> writeShards(Path folder, Mutations mutations, int victim)
            throws IOException {
        byte[] index = INDEX.getBytes(StandardCharsets.UTF_8);
        byte[] shard = sound.get("flat.bin");
        if (victim == 0) {
            index = mutations.bytes(index);
        } else if (victim == 1) {
            shard = mutations.bytes(shard);
        } else {
            index = mutations.json(index);
        }
        return List.of(
                Files.write(folder.resolve("pytorch_model.bin.index.json"), index),
                Files.write(folder.resolve("a.bin"), shard),
                secondShard(folder.resolve("b.bin")));
    }

    private static Path secondShard(Path file) throws IOException {
        String tensor = TorchArchives.tensor("0", 3, 0, new long[] {3}, new long[] {1});
        byte[] pickle = TorchArchives.pickle("}" + TorchArchives.text("t") + tensor + "s.");
        return TorchArchives.write(file, Map.of("data.pkl", pickle, "data/0", new byte[12]));
    }

    private void readAll(Path folder) throws IOException, MalformedModelException {
        try (TensorSource source = TensorFiles.open(folder);
                NDManager scope = manager.newSubManager()) {
            String first = null;
            for (Map.Entry<String, TensorInfo> tensor : source.tensors().entrySet()) {
                first = first == null ? tensor.getKey() : first;
                source.isSame(first, tensor.getKey());
                if (FLOATS.contains(tensor.getValue().dtype())) {
                    source.read(scope, tensor.getKey(), DataType.FLOAT32).close();
                    source.read(scope, tensor.getKey(), DataType.FLOAT64).close();
                }
            }
        }
    }
}
