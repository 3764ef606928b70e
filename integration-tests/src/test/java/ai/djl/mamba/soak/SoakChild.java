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
package ai.djl.mamba.soak;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Outcome;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** What the processes do that {@link AccidentTasks} kills or gives no space. */
final class SoakChild {

    private static final int STEPS = 120;

    private SoakChild() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        if (args[0].equals("train")) {
            train(folder);
        } else {
            save(folder);
        }
    }

    /** Trains to the end, from where the run in the folder is, and prints a hash of the result. */
    private static void train(Path folder) throws IOException {
        TinyTraining training = TinyTraining.of("PyTorch", Scenario.DROPOUT);
        training.options().optSteps(STEPS).optSaveEvery(1);
        RunListener steps =
                new RunListener() {
                    @Override
                    public void onStep(StepReport report) {
                        System.out.println("step " + report.step());
                    }
                };
        Outcome outcome = training.session(folder, true, run -> run.addListener(steps));
        int hash = 0;
        for (float[] values : outcome.parameters().values()) {
            hash = 31 * hash + Arrays.hashCode(values);
        }
        System.out.println("parameters " + hash);
    }

    /** Saves a model into the folder that it came from, and prints why it cannot. */
    private static void save(Path folder) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            MambaLanguageModel model = MambaCheckpoint.load(folder, manager);
            MambaCheckpoint.save(model, folder);
            System.out.println("There is space");
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}
