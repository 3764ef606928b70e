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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.compare.CompareResult.ModelLine;
import ai.djl.mamba.examples.cli.compare.CompareResult.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What a comparison says of figures that are given here. */
public class CompareFindingsTest {

    private static final List<ModelLine> MODELS =
            List.of(
                    new ModelLine("mamba", "Mamba", "", 1000),
                    new ModelLine("mamba2", "Mamba-2", "", 1000),
                    new ModelLine("transformer", "Transformer", "", 1000));

    private static CompareResult result(List<ModelLine> models, Point... points) {
        return new CompareResult(
                "", "", Map.of(), Map.of(), models, List.of(points), new ArrayList<>());
    }

    private static Point inference(String model, int length, double value) {
        return new Point("inference", model, length, value, null);
    }

    /** Mamba with every other, Mamba-2 with those that it was not compared with by then. */
    @Test
    public void bothAreComparedWithTheRest() {
        CompareResult result =
                result(
                        MODELS,
                        inference("mamba", 1024, 200),
                        inference("mamba2", 1024, 100),
                        inference("transformer", 1024, 50),
                        inference("mamba", 4096, 300),
                        inference("mamba2", 4096, 100),
                        inference("transformer", 4096, 25));
        String ratios = " tokens per second as a multiple of those of ";
        Assert.assertEquals(
                CompareFindings.of(result),
                List.of(
                        "Inference with Mamba: the tokens per second from L 1,024 to 4,096 differ"
                                + " by at most 50 %.",
                        "Inference with Mamba-2: the tokens per second from L 1,024 to 4,096 differ"
                                + " by at most 0 %.",
                        "Inference: Mamba's" + ratios + "Mamba-2: 3 × at L 4,096.",
                        "Inference: Mamba's" + ratios + "Transformer: 12 × at L 4,096.",
                        "Inference: Mamba-2's" + ratios + "Transformer: 4 × at L 4,096."));
    }

    /** As in a result of before there was Mamba-2, or of a run that was stopped. */
    @Test
    public void nothingIsSaidOfWhatIsNotThere() {
        CompareResult result =
                result(
                        List.of(MODELS.get(0), MODELS.get(2)),
                        inference("mamba", 4096, 300),
                        new Point("inference", "transformer", 4096, null, "as at L 2,048"));
        Assert.assertEquals(CompareFindings.of(result), List.of());
    }
}
