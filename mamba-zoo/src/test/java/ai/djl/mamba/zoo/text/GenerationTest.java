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

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Continuing prompts: a stream, a batch and several samples give the same tokens. */
public class GenerationTest extends EngineSuite {

    private static final long[] PROMPT = {5, 17, 60, 60, 2};

    private final String fixture;
    private MambaLanguageModel model;
    private TextGenerator generator;
    private int arrays;

    /** Takes the end of the names of two models, one in each dialect. */
    @Factory(dataProvider = "models")
    public GenerationTest(EngineSetup engine, String fixture) {
        super(engine);
        this.fixture = fixture;
    }

    /** Models of each kind. */
    @DataProvider
    public static Object[][] models() {
        return Engines.each(new Object[][] {{"tiny"}, {"tiny-mamba2"}});
    }

    @BeforeMethod(dependsOnMethods = "openManager")
    public void loadModel() throws Exception {
        model = MambaCheckpoint.load(Fixtures.folder("hf-" + fixture), manager);
        generator = new TextGenerator(model, manager);
        arrays = manager.getManagedArrays().size();
    }

    private void assertNothingLeft() {
        Assert.assertEquals(manager.getManagedArrays().size(), arrays, "arrays left behind");
    }

    private static GenerationOptions.Builder options() {
        return GenerationOptions.builder().optMaxNewTokens(20);
    }

    private int[] stream(long[] prompt, GenerationOptions options) {
        List<Integer> ids = new ArrayList<>();
        try (TokenStream stream = generator.generate(prompt, options)) {
            stream.forEachRemaining(token -> ids.add(token.id()));
        }
        return ids.stream().mapToInt(id -> id).toArray();
    }

    private static List<long[]> prompts() {
        return List.of(PROMPT, new long[] {9}, new long[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, PROMPT);
    }

    @DataProvider
    public Object[][] ways() {
        return new Object[][] {
            {options().build()},
            {options().optFrequencyPenalty(2).optEndIds(14, 66, 49).build()},
            {options().optTemperature(1).optSeed(8).build()},
            {options().optTemperature(1.5).optTopK(30).optTopP(0.9).optEndIds(3, 40, 55).build()},
            {options().optTemperature(1).optRepetitionPenalty(1.3).optFrequencyPenalty(1).build()},
            {options().optTemperature(2).optSamples(3).optSeed(4).optEndIds(1, 2, 3).build()}
        };
    }

    @Test(dataProvider = "ways")
    public void aRowOfABatchIsWhatItIsAlone(GenerationOptions options) {
        List<Generated> together = generator.generate(prompts(), options);
        int samples = options.samples();
        Assert.assertEquals(together.size(), prompts().size() * samples);
        for (int i = 0; i < prompts().size(); i++) {
            List<Generated> alone = generator.generate(List.of(prompts().get(i)), options);
            Assert.assertEquals(alone.size(), samples);
            for (int sample = 0; sample < samples; sample++) {
                Generated row = together.get(i * samples + sample);
                Assert.assertEquals(row.ids(), alone.get(sample).ids(), "row " + i);
                Assert.assertEquals(row.endId(), alone.get(sample).endId());
                Assert.assertEquals(row.finishReason(), alone.get(sample).finishReason());
            }
            int[] streamed = stream(prompts().get(i), options.toBuilder().optSamples(1).build());
            Assert.assertEquals(together.get(i * samples).ids(), streamed, "row " + i);
        }
        assertNothingLeft();
    }

    @Test
    public void samplesDiffer() {
        GenerationOptions options = options().optTemperature(1).optSamples(4).build();
        List<Generated> results = generator.generate(List.of(PROMPT), options);
        long different = results.stream().map(row -> Arrays.toString(row.ids())).distinct().count();
        Assert.assertEquals(different, 4);
        GenerationOptions other = options.toBuilder().optSeed(1).build();
        Assert.assertNotEquals(
                generator.generate(List.of(PROMPT), other).get(0).ids(), results.get(0).ids());
    }

    @Test
    public void anEndIdEndsTheTextAndIsNoPartOfIt() {
        GenerationOptions.Builder varied = options().optFrequencyPenalty(2);
        int[] free = stream(PROMPT, varied.build());
        int place = 1;
        while (contains(Arrays.copyOf(free, place), free[place])) {
            place++;
        }
        GenerationOptions options = varied.optEndIds(free[place]).build();
        try (TokenStream stream = generator.generate(PROMPT, options)) {
            for (int i = 0; i < place; i++) {
                Assert.assertEquals(stream.finishReason(), Optional.empty());
                Assert.assertEquals(stream.nextInt(), free[i]);
            }
            Assert.assertFalse(stream.hasNext());
            Assert.assertEquals(stream.finishReason(), Optional.of(FinishReason.END));
            Assert.assertEquals(stream.endId(), OptionalInt.of(free[place]));
            Assert.expectThrows(NoSuchElementException.class, stream::next);
            assertNothingLeft(); // at the end already, before close
        }
        GenerationOptions longer = options.toBuilder().optMinNewTokens(place + 3).build();
        Generated generated = generator.generate(List.of(PROMPT), longer).get(0);
        Assert.assertTrue(generated.ids().length >= place + 3);
        Assert.assertFalse(contains(generated.ids(), free[place]));
    }

    private static boolean contains(int[] ids, int id) {
        return Arrays.stream(ids).anyMatch(other -> other == id);
    }

    @Test
    public void nothingIsComputedBeforeItIsAskedFor() {
        GenerationOptions options = options().optMaxNewTokens(2).build();
        try (TokenStream stream = generator.generate(PROMPT, options)) {
            assertNothingLeft(); // not even the prompt was read
            Assert.assertTrue(stream.hasNext());
            Assert.assertTrue(stream.hasNext());
            stream.next();
            Assert.assertEquals(stream.finishReason(), Optional.empty());
            stream.next();
            Assert.assertEquals(stream.finishReason(), Optional.of(FinishReason.LENGTH));
            Assert.assertFalse(stream.hasNext());
        }
        TokenStream closed = generator.generate(PROMPT, options);
        Assert.assertTrue(closed.hasNext());
        closed.close();
        closed.close();
        Assert.assertEquals(closed.finishReason(), Optional.of(FinishReason.CLOSED));
        Assert.assertFalse(closed.hasNext());
        assertNothingLeft();
        GenerationOptions none = options().optMaxNewTokens(0).build();
        Assert.assertEquals(stream(PROMPT, none).length, 0);
        Assert.assertEquals(generator.generate(prompts(), none).get(3).ids().length, 0);
        Assert.assertEquals(generator.generate(List.of(), none), List.of());
    }

    @Test
    public void anyThreadMayGoOn() throws Exception {
        int[] expected = stream(PROMPT, options().build());
        int[] found = new int[expected.length];
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (TokenStream stream = generator.generate(PROMPT, options().build())) {
            for (int i = 0; i < found.length; i += 2) {
                found[i] = stream.nextInt();
                found[i + 1] = pool.submit(stream::nextInt).get();
            }
        } finally {
            pool.shutdown();
        }
        Assert.assertEquals(found, expected);
    }

    @Test
    public void aListenerEndsItsRowOnly() {
        List<Generated> free = generator.generate(prompts(), options().build());
        List<List<Integer>> told = new ArrayList<>();
        prompts().forEach(prompt -> told.add(new ArrayList<>()));
        List<Generated> results =
                generator.generate(
                        prompts(),
                        options().build(),
                        (row, token) -> {
                            told.get(row).add(token.id());
                            return row != 2 || told.get(row).size() < 5;
                        });
        for (int row = 0; row < results.size(); row++) {
            int[] expected = free.get(row).ids();
            Generated result = results.get(row);
            int length = row == 2 ? 5 : 20;
            Assert.assertEquals(result.ids(), Arrays.copyOf(expected, length));
            Assert.assertEquals(told.get(row).stream().mapToInt(id -> id).toArray(), result.ids());
            Assert.assertEquals(
                    result.finishReason(), row == 2 ? FinishReason.STOPPED : FinishReason.LENGTH);
        }
    }

    @Test
    public void logProbsAreThoseOfTheModel() {
        GenerationOptions options =
                options().optTemperature(3).optTopK(50).optRepetitionPenalty(2).build();
        Generated generated =
                generator
                        .generate(
                                List.of(PROMPT, new long[] {4}),
                                options.toBuilder().optLogProbs(3).build())
                        .get(0);
        Assert.assertEquals(generated.ids(), stream(PROMPT, options));
        long[] all = Arrays.copyOf(PROMPT, PROMPT.length + 20);
        for (int i = 0; i < 20; i++) {
            all[PROMPT.length + i] = generated.ids()[i];
        }
        float[] expected = generator.logProbs(all);
        for (int i = 0; i < 20; i++) {
            Token token = generated.tokens().get(i);
            Assert.assertEquals(token.logProb(), expected[PROMPT.length - 1 + i], 1e-4f);
            Assert.assertEquals(token.topIds().length, 3);
            Assert.assertTrue(token.topLogProbs()[0] >= token.topLogProbs()[1]);
            Assert.assertTrue(token.topLogProbs()[1] >= token.topLogProbs()[2]);
            Assert.assertTrue(token.topLogProbs()[0] >= token.logProb());
        }
        Assert.assertTrue(Float.isNaN(generator.generate(PROMPT, options).next().logProb()));
    }

    @Test
    public void paddedIdsAndThoseBeyondTheLimitAreNotChosen() throws Exception {
        MambaLanguageModel padded =
                MambaCheckpoint.load(Fixtures.folder("original-" + fixture), manager);
        int vocabSize = padded.getConfig().vocabSize();
        Assert.assertTrue(padded.getConfig().paddedVocabSize() > vocabSize);
        TextGenerator other = new TextGenerator(padded, manager);
        GenerationOptions hot = options().optTemperature(1e6).optMaxNewTokens(50).build();
        for (Generated row : other.generate(prompts(), hot.toBuilder().optSamples(8).build())) {
            Assert.assertTrue(Arrays.stream(row.ids()).allMatch(id -> id < vocabSize));
        }
        GenerationOptions limited = hot.toBuilder().optVocabLimit(10).build();
        Assert.assertTrue(Arrays.stream(stream(PROMPT, limited)).allMatch(id -> id < 10));
    }

    @Test
    public void wrongCallsAreNamed() {
        GenerationOptions plain = options().build();
        assertRefused("at least one", () -> generator.generate(new long[] {}, plain));
        assertRefused("got 96", () -> generator.generate(List.of(PROMPT, new long[] {96}), plain));
        assertRefused("got -1", () -> generator.score(new long[] {1, -1}));
        assertRefused(
                "ask for a list",
                () -> generator.generate(PROMPT, options().optSamples(2).build()));
        assertRefused(
                model.getConfig().vocabSize() + " token ids",
                () -> generator.generate(List.of(PROMPT), options().optBeams(97).build()));
        MambaLanguageModel stateless = new MambaLanguageModel(model.getConfig());
        stateless.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        arrays = manager.getManagedArrays().size();
        TextGenerator other = new TextGenerator(stateless, manager);
        try (TokenStream stream = other.generate(PROMPT, plain)) {
            Assert.expectThrows(IllegalStateException.class, stream::next);
        }
        assertNothingLeft();
    }

    private static void assertRefused(String part, Assert.ThrowingRunnable call) {
        IllegalArgumentException e = Assert.expectThrows(IllegalArgumentException.class, call);
        Assert.assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
