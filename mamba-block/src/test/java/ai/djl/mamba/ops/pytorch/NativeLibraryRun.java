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
package ai.djl.mamba.ops.pytorch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.ops.Ops;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/**
 * What {@link NativeLibraryTest} runs in a JVM of its own: prints why there are no native
 * operators, and what a block then does.
 */
final class NativeLibraryRun {

    private NativeLibraryRun() {}

    public static void main(String[] args) {
        String engineName = args[0];
        Engine.getEngine(engineName);
        if (args.length > 1) {
            System.setProperty("os.arch", args[1]); // only now: the engine is of this platform
        }
        System.out.println("reason: " + Ops.nativeFor(engineName).reason());
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), engineName)) {
            System.out.println("shape: " + forward(manager));
        } catch (IllegalStateException e) {
            System.out.println("refused: " + e.getMessage());
            System.out.println("cause: " + e.getCause());
        }
    }

    private static Shape forward(NDManager manager) {
        MambaBlock block = MambaBlock.builder().build();
        Shape shape = new Shape(1, 3, 4);
        block.initialize(manager, DataType.FLOAT32, shape);
        NDArray x = manager.ones(shape);
        NDList y = block.forward(new ParameterStore(manager, false), new NDList(x), false);
        return y.get(0).getShape();
    }
}
