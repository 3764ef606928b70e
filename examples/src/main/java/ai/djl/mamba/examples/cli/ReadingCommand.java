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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.ZooModel;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;

/** A command that lets a model read ids or a text and prints the result. */
abstract class ReadingCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;
    @Mixin private ModelOption model;

    @ArgGroup(multiplicity = "1")
    private InputOptions input;

    @Override
    public final Integer call() throws Exception {
        input.open(common);
        try (ZooModel<NDList, NDList> loaded = model.open(common);
                TextModel text = TextModel.of(loaded)) {
            read(text, input.ids(text, model, false, false), common.output());
        }
        return 0;
    }

    /** Reads the ids and prints the result. */
    abstract void read(TextModel text, long[] ids, Output output) throws Exception;
}
