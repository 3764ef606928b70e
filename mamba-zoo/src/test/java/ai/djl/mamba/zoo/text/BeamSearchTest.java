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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import com.google.gson.Gson;
import java.io.Reader;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Beam search. The beams of beams.json are those of transformers 5.23: {@code generate} of hf-tiny
 * with {@code num_beams} and {@code use_cache=False}; its end ids are tokens that beams really
 * meet.
 */
public class BeamSearchTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public BeamSearchTest(EngineSetup engine) {
        super(engine);
    }

    /** One entry of beams.json. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(
            long[] prompt,
            int beams,
            int maxNewTokens,
            int minNewTokens,
            int[] endIds,
            double lengthPenalty,
            double repetitionPenalty,
            Beam[] results) {

        GenerationOptions options() {
            return GenerationOptions.builder()
                    .optBeams(beams)
                    .optSamples(beams)
                    .optMaxNewTokens(maxNewTokens)
                    .optMinNewTokens(minNewTokens)
                    .optEndIds(endIds)
                    .optLengthPenalty(lengthPenalty)
                    .optRepetitionPenalty(repetitionPenalty)
                    .build();
        }
    }

    /** A beam of it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Beam(int[] ids, int endId, double score) {}

    @Test
    public void beamsAreThoseOfTransformers() throws Exception {
        TextGenerator generator = generator("hf-tiny");
        int arrays = manager.getManagedArrays().size();
        int ended = 0;
        try (Reader json = SamplerTest.resource("beams.json")) {
            for (Case expected : new Gson().fromJson(json, Case[].class)) {
                List<Generated> found =
                        generator.generate(List.of(expected.prompt()), expected.options());
                String what = expected.options().toString();
                Assert.assertEquals(found.size(), expected.results().length, what);
                for (int i = 0; i < found.size(); i++) {
                    Beam beam = expected.results()[i];
                    Generated result = found.get(i);
                    Assert.assertEquals(result.ids(), beam.ids(), what + " beam " + i);
                    Assert.assertEquals(result.score(), beam.score(), 1e-4, what);
                    Assert.assertEquals(result.endId().orElse(-1), beam.endId(), what);
                    ended += result.finishReason() == FinishReason.END ? 1 : 0;
                }
            }
        }
        Assert.assertTrue(ended > 5, "beams that ended: " + ended);
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }

    private TextGenerator generator(String model) throws Exception {
        return new TextGenerator(MambaCheckpoint.load(Fixtures.folder(model), manager), manager);
    }

    @DataProvider
    public Object[][] models() {
        return new Object[][] {{"hf-tiny"}, {"hf-tiny-mamba2"}};
    }

    @Test(dataProvider = "models")
    public void promptsAreSearchedOneByOne(String model) throws Exception {
        TextGenerator generator = generator(model);
        List<long[]> prompts = List.of(new long[] {1, 2, 3}, new long[] {50});
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(10)
                        .optBeams(3)
                        .optSamples(2)
                        .optLogProbs(1)
                        .build();
        List<Generated> both = generator.generate(prompts, options);
        Assert.assertEquals(both.size(), 4);
        for (int i = 0; i < 2; i++) {
            List<Generated> alone = generator.generate(List.of(prompts.get(i)), options);
            List<Generated> fromState;
            try (PromptState state = generator.read(prompts.get(i))) {
                fromState = generator.generateAll(state, options, (row, token) -> true);
            }
            for (int j = 0; j < 2; j++) {
                Generated beam = both.get(2 * i + j);
                Assert.assertEquals(beam.ids(), alone.get(j).ids());
                Assert.assertEquals(beam.ids(), fromState.get(j).ids());
                double sum = 0;
                for (float logProb : beam.logProbs()) {
                    sum += logProb;
                }
                Assert.assertEquals(beam.score(), sum / 10, 1e-5);
            }
        }
    }
}
