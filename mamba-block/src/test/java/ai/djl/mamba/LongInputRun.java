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
package ai.djl.mamba;

import ai.djl.Device;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;

/**
 * What {@link LongInputTest} runs in a JVM of its own: one forward pass in inference. Prints by how
 * many bytes the resident set peaked over what it was before, after a short warm-up.
 */
final class LongInputRun {

    private static final int WARM_UP = 16_384; // two parts

    private LongInputRun() {}

    public static void main(String[] args) throws IOException {
        SequenceBlock block = block(args[0]);
        long features = Long.parseLong(args[1]);
        long length = Long.parseLong(args[2]);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, features));
            forward(manager, block, new Shape(1, WARM_UP, features));
            long begin = System.nanoTime();
            long peak = forward(manager, block, new Shape(1, length, features));
            System.out.println("peak " + peak);
            System.out.println("seconds " + (System.nanoTime() - begin) / 1e9);
        }
        System.exit(0); // the engine leaves threads
    }

    private static SequenceBlock block(String name) {
        return switch (name) {
            case "SelectiveSSM" -> SelectiveSSM.builder().build();
            case "MambaBlock" -> MambaBlock.builder().build();
            case "SSD" -> SSD.builder().optHeadSize(16).optStateSize(16).build();
            case "Mamba2Block" -> Mamba2Block.builder().optHeadSize(16).optStateSize(16).build();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static long forward(NDManager owner, SequenceBlock block, Shape shape)
            throws IOException {
        try (NDManager manager = owner.newSubManager()) {
            NDArray input = manager.randomNormal(shape);
            ParameterStore store = new ParameterStore(manager, false);
            ProcessFiles.resetPeak();
            long before = ProcessFiles.status("VmRSS");
            NDArray output = block.forward(store, new NDList(input), false).head();
            long peak = ProcessFiles.status("VmHWM") - before;
            if (!Float.isFinite(output.sum().getFloat())) {
                throw new IllegalStateException("the output is not finite");
            }
            return peak;
        }
    }
}
