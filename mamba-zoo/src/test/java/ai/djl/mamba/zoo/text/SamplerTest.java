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

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * How a token is chosen. The distributions of sampling.json were computed by transformers 5.23 with
 * its logits processors, one after the other, on random logits.
 */
public class SamplerTest {

    private static final int[] NONE = {};

    /** One entry of sampling.json. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(
            String name,
            JsonObject options,
            long[] prompt,
            int[] generated,
            float[] logits,
            double[] probabilities) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Reader resource(String name) {
        return new InputStreamReader(
                SamplerTest.class.getResourceAsStream("/generation/" + name),
                StandardCharsets.UTF_8);
    }

    @DataProvider
    public Object[][] cases() throws IOException {
        try (Reader json = resource("sampling.json")) {
            List<Case> cases = new Gson().fromJson(json, new TypeToken<List<Case>>() {}.getType());
            return cases.stream().map(entry -> new Object[] {entry}).toArray(Object[][]::new);
        }
    }

    @Test(dataProvider = "cases")
    public void distributionsAreThoseOfTransformers(Case expected) {
        Sampler sampler = new Sampler(options(expected), expected.prompt(), 0);
        for (int id : expected.generated()) {
            choose(sampler, id, expected.logits().length);
        }
        float[] found = sampler.probabilities(expected.logits());
        for (int id = 0; id < found.length; id++) {
            double probability = expected.probabilities()[id];
            Assert.assertEquals(found[id], probability, 1e-5, expected.name() + " " + id);
            Assert.assertEquals(found[id] > 0, probability > 0, expected.name() + " " + id);
        }
    }

    /** Leaves the sampler no other choice. */
    private static void choose(Sampler sampler, int id, int vocabSize) {
        float[] logits = new float[vocabSize];
        Arrays.fill(logits, -1e9f);
        logits[id] = 1e9f;
        Assert.assertEquals(sampler.sample(logits), id);
    }

    private static GenerationOptions options(Case expected) {
        GenerationOptions.Builder builder = GenerationOptions.builder().optTemperature(1);
        expected.options().entrySet().forEach(e -> set(builder, e.getKey(), e.getValue()));
        return builder.build();
    }

    private static void set(GenerationOptions.Builder builder, String name, JsonElement value) {
        switch (name) {
            case "temperature" -> builder.optTemperature(value.getAsDouble());
            case "topK" -> builder.optTopK(value.getAsInt());
            case "topP" -> builder.optTopP(value.getAsDouble());
            case "minP" -> builder.optMinP(value.getAsDouble());
            case "typicalP" -> builder.optTypicalP(value.getAsDouble());
            case "repetitionPenalty" -> builder.optRepetitionPenalty(value.getAsDouble());
            case "frequencyPenalty" -> builder.optFrequencyPenalty(value.getAsDouble());
            case "presencePenalty" -> builder.optPresencePenalty(value.getAsDouble());
            case "minNewTokens" -> builder.optMinNewTokens(value.getAsInt());
            case "endIds" -> builder.optEndIds(ints(value.getAsJsonArray()));
            default -> throw new IllegalArgumentException(name);
        }
    }

    private static int[] ints(JsonArray array) {
        return array.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    }

    private static Sampler sampler(GenerationOptions.Builder options, int sample) {
        return new Sampler(options.build(), new long[] {}, sample);
    }

    private static GenerationOptions.Builder hot(long seed) {
        return GenerationOptions.builder().optTemperature(1).optSeed(seed);
    }

    @Test
    public void drawsFollowTheDistribution() {
        float[] logits = {0, 2, 1, 2};
        Sampler one = sampler(hot(5), 0);
        Sampler same = sampler(hot(5), 0);
        int[] counts = new int[4];
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            int id = one.sample(logits);
            Assert.assertEquals(same.sample(logits), id);
            counts[id]++;
        }
        double sum = 1 + 2 * Math.exp(2) + Math.exp(1);
        for (int i = 0; i < 4; i++) {
            Assert.assertEquals(counts[i] / (double) draws, Math.exp(logits[i]) / sum, 0.02);
        }
    }

    @Test
    public void seedsAndSamplesHaveDrawsOfTheirOwn() {
        int[][] draws = {
            draws(hot(5), 0), draws(hot(5), 1), draws(hot(5), 2), draws(hot(6), 0), draws(hot(6), 1)
        };
        for (int i = 0; i < draws.length; i++) {
            for (int j = 0; j < i; j++) {
                int equal = 0;
                for (int k = 0; k < draws[i].length; k++) {
                    equal += draws[i][k] == draws[j][k] ? 1 : 0;
                }
                Assert.assertTrue(equal < 30, i + " and " + j + ": " + equal);
            }
        }
    }

    private static int[] draws(GenerationOptions.Builder options, int sample) {
        Sampler sampler = sampler(options, sample);
        int[] draws = new int[200];
        Arrays.setAll(draws, i -> sampler.sample(new float[50]));
        return draws;
    }

    @Test
    public void greedyTakesTheFirstOfTheHighest() {
        Assert.assertEquals(
                sampler(GenerationOptions.builder(), 0).sample(new float[] {0, 2, 1, 2}), 1);
        Assert.assertEquals(
                sampler(GenerationOptions.builder().optVocabLimit(1), 0)
                        .sample(new float[] {0, 2, 1, 2}),
                0);
    }

    /** Against sorting, at a realistic size and with many equal scores. */
    @Test
    public void selectionIsThatOfSorting() {
        Random random = new Random(3);
        float[] logits = new float[50_280];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = Math.round(4 * random.nextGaussian()) / 2f;
        }
        Integer[] order = new Integer[logits.length];
        Arrays.setAll(order, id -> id);
        Arrays.sort(order, (a, b) -> Float.compare(logits[b], logits[a])); // stable
        for (int count : new int[] {1, 2, 77, 50_279, 50_280, 60_000}) {
            float[] found = sampler(hot(1).optTopK(count), 0).probabilities(logits);
            for (int place = 0; place < order.length; place++) {
                Assert.assertEquals(found[order[place]] > 0, place < count, count + " " + place);
            }
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        for (double mass : new double[] {0.1, 0.5, 0.9, 0.99}) {
            float[] found = sampler(hot(1).optTopP(mass), 0).probabilities(logits);
            double before = 0;
            for (int id : order) {
                Assert.assertEquals(found[id] > 0, before / sum < mass, mass + " " + id);
                before += Math.exp(logits[id]);
            }
        }
    }

    @Test
    public void nothingToChooseFromIsAnError() {
        float[] broken = new float[4];
        Arrays.fill(broken, Float.NaN);
        for (GenerationOptions.Builder options :
                List.of(GenerationOptions.builder(), hot(1), hot(1).optTopP(0.5))) {
            Assert.expectThrows(
                    IllegalStateException.class, () -> sampler(options, 0).sample(broken));
        }
        GenerationOptions.Builder allEnds =
                GenerationOptions.builder().optMinNewTokens(1).optEndIds(0, 1);
        Assert.expectThrows(
                IllegalStateException.class, () -> sampler(allEnds, 0).sample(new float[2]));
    }

    @DataProvider
    public Object[][] wrong() {
        return new Object[][] {
            {"maxNewTokens", options().optMaxNewTokens(-1)},
            {"minNewTokens", options().optMinNewTokens(-1)},
            {"minNewTokens", options().optMaxNewTokens(3).optMinNewTokens(4)},
            {"temperature", options().optTemperature(-1)},
            {"temperature", options().optTemperature(Double.NaN)},
            {"temperature", options().optTemperature(1e-300)},
            {"topK", options().optTopK(-1)},
            {"topP", options().optTopP(1.1)},
            {"minP", options().optMinP(Double.NaN)},
            {"typicalP", options().optTypicalP(-0.1)},
            {"repetitionPenalty", options().optRepetitionPenalty(0)},
            {"frequencyPenalty", options().optFrequencyPenalty(Double.POSITIVE_INFINITY)},
            {"presencePenalty", options().optPresencePenalty(Double.NaN)},
            {"endIds", options().optEndIds(3, -1)},
            {"beams", options().optBeams(0)},
            {"lengthPenalty", options().optLengthPenalty(Double.NaN)},
            {"samples", options().optSamples(0)},
            {"logProbs", options().optLogProbs(-2)},
            {"vocabLimit", options().optVocabLimit(-1)},
            {"stop string", options().optStopStrings(List.of(""))},
            {"beams", options().optBeams(2).optTemperature(1)},
            {"beams", options().optBeams(2).optTopK(3)},
            {"samples", options().optBeams(2).optSamples(3)}
        };
    }

    private static GenerationOptions.Builder options() {
        return GenerationOptions.builder();
    }

    @Test(dataProvider = "wrong")
    public void wrongValuesAreNamed(String name, GenerationOptions.Builder builder) {
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, builder::build);
        Assert.assertTrue(e.getMessage().contains(name), e.getMessage());
    }

    @Test
    public void aBuilderStartsFromOptions() {
        GenerationOptions options =
                hot(3).optMaxNewTokens(9)
                        .optMinNewTokens(2)
                        .optTopK(4)
                        .optTopP(0.5)
                        .optMinP(0.1)
                        .optTypicalP(0.7)
                        .optRepetitionPenalty(1.5)
                        .optFrequencyPenalty(0.25)
                        .optPresencePenalty(0.75)
                        .optEndIds(1, 2)
                        .optLengthPenalty(2)
                        .optSamples(3)
                        .optLogProbs(4)
                        .optVocabLimit(50)
                        .optStopStrings(List.of("x"))
                        .build();
        Assert.assertEquals(options.toBuilder().build(), options);
        Assert.assertNotEquals(options.toBuilder().optEndIds(NONE).build(), options);
    }
}
