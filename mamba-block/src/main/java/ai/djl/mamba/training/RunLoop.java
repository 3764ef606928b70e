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
package ai.djl.mamba.training;

import ai.djl.Model;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.training.RunListener.StepReport;
import ai.djl.mamba.training.TrainingResult.Reason;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The loop of a {@link TrainingRun}. */
final class RunLoop implements AutoCloseable {

    private static final String NAME = "TrainingRun"; // in messages: the class that users see
    private static final long NANOS_BETWEEN_SAVES = 300_000_000_000L;
    private static final double EVALUATIONS_PER_RUN = 10;

    private final Model model;
    private final BatchSource data;
    private final DataPlace place;
    private final BatchSource validation;
    private final JsonObject validationStart;
    private final TrainingOptions options;
    private final List<RunListener> listeners;
    private final CarriedState carried;
    private final AdamW optimizer;
    private final Replicas replicas;
    private final Learner learner;
    private final BestParameters best;
    private final RunCheckpoints checkpoints;
    private final RunPace pace;
    private final RunState state;
    private long lastSave;
    private MetricsLog metrics; // null if none was opened by this run
    private volatile boolean stopping;

    RunLoop(TrainingRun.Builder builder) throws IOException {
        model = builder.model;
        data = builder.data;
        validation = builder.validation;
        validationStart = validation == null ? null : validation.position();
        options = builder.options;
        place = new DataPlace(data, options.accumulation());
        state = new RunState(options.patience());
        listeners = new ArrayList<>(builder.listeners);
        carried = newCarriedState();
        pace = new RunPace(options, stepsOfEpochs());
        optimizer = builder.optimizer(pace);
        best = new BestParameters(model.getNDManager());
        checkpoints =
                new RunCheckpoints(
                        builder.store,
                        builder.completeFingerprint(),
                        model.getBlock(),
                        optimizer,
                        best,
                        carried);
        if (builder.resume) {
            restoreOrClose();
        }
        // after restoring, because this copies the parameters to all devices
        replicas = new Replicas(model, builder.devices(), optimizer);
        learner = new Learner(replicas, builder.loss, carried);
    }

    private CarriedState newCarriedState() {
        return options.carryState()
                ? new CarriedState((SequenceBlock) model.getBlock(), model.getNDManager())
                : null;
    }

    /** Counts the steps of all epochs for the schedule; 0 if the epochs are not the limit. */
    private long stepsOfEpochs() throws IOException {
        if (options.epochs() == 0 || options.steps() > 0) {
            return 0;
        }
        JsonObject start = data.position();
        long batches = 0;
        boolean isEnd = false;
        while (!isEnd) {
            try (NDManager scratch = model.getNDManager().newSubManager()) {
                isEnd = data.next(scratch) == null;
                batches += isEnd ? 0 : 1;
            }
        }
        data.restore(start);
        long all = batches * options.epochs();
        return (all + options.accumulation() - 1) / options.accumulation();
    }

    private void restoreOrClose() throws IOException {
        try {
            restore();
        } catch (IOException | RuntimeException e) {
            optimizer.close(); // everything else is closed with the model
            throw e;
        }
    }

    private void restore() throws IOException {
        Optional<RunJson> saved = checkpoints.restore();
        if (saved.isEmpty()) {
            return;
        }
        RunJson json = saved.get();
        state.restore(json.object("run"));
        pace.restore(json.count("step"), json.seconds("seconds"));
        place.restore(json, pace.step());
        if (checkpoints.hasOtherLimits()) { // when it was due, it was a share of the old ones
            state.nextEvaluation = pace.progress() + 1 / EVALUATIONS_PER_RUN;
        }
    }

    /** The number of steps so far. */
    long step() {
        return pace.step();
    }

    /** Adds a listener before the run. */
    void addListener(RunListener listener) {
        listeners.add(listener);
    }

    /** Opens the file for the metrics before the run. */
    MetricsLog openMetrics(Path file) throws IOException {
        checkpoints.beginMetrics(file, step());
        metrics = MetricsLog.resume(file, step());
        return metrics;
    }

    /** Asks the run to stop after the current step; may be called from any thread. */
    void stop() {
        stopping = true;
    }

    /** Trains until a limit is reached, evaluations stop improving, or {@link #stop} is called. */
    TrainingResult run() throws IOException {
        pace.start(state.tokens);
        lastSave = System.nanoTime();
        while (!isDone() && !stopping && makeStep()) {
            if (isEvaluationDue()) {
                evaluate();
            }
            if (isSaveDue()) {
                save();
            }
        }
        boolean isDone = isDone();
        boolean isEvaluated = state.last != null && state.last.step() == pace.step();
        if (isDone && validation != null && !isEvaluated) {
            evaluate();
        }
        save();
        if (isDone && options.keepBest() && state.best != null) {
            best.restore(checkpoints.parameters());
        }
        return result(isDone);
    }

    private TrainingResult result(boolean isDone) {
        Reason ended = state.isStoppedEarly ? Reason.STOPPED_EARLY : Reason.FINISHED;
        return new TrainingResult(
                isDone ? ended : Reason.INTERRUPTED,
                pace.step(),
                state.epoch,
                state.tokens,
                pace.elapsed(),
                pace.tokensPerSecond(state.tokens),
                state.lossCount > 0 ? state.lossSum / state.lossCount : state.trainLoss,
                state.last,
                state.best);
    }

    private boolean isDone() {
        boolean isLastEpoch = options.epochs() > 0 && state.epoch >= options.epochs();
        return isLastEpoch || state.isStoppedEarly || pace.isDone();
    }

    /** Makes a step; returns false if there is no data left. */
    private boolean makeStep() throws IOException {
        try (NDManager scratch = replicas.newScratch()) {
            List<SequenceBatch> batches = fetch(scratch);
            if (batches.isEmpty()) {
                return false;
            }
            for (SequenceBatch batch : batches) {
                state.tokens += batch.ids().size();
            }
            scratch.getEngine().setRandomSeed(pace.seed());
            double loss = learner.backward(batches);
            double norm = learner.clip(options.clipNorm());
            if (!Double.isFinite(loss + norm)) {
                throw new TrainingDivergedException(pace.step() + 1, loss, norm);
            }
            replicas.update();
            float rate = optimizer.getLearningRate();
            pace.endStep();
            state.addLoss(loss);
            StepReport report = pace.report(state, loss, norm, rate);
            listeners.forEach(listener -> listener.onStep(report));
            if (pace.step() == 1 && metrics != null) {
                checkpoints.mark(metrics);
            }
            return true;
        }
    }

    /** Returns the batches of a step: fewer at the end of the last epoch, and none after it. */
    private List<SequenceBatch> fetch(NDManager scratch) throws IOException {
        List<SequenceBatch> batches = new ArrayList<>();
        boolean isEmpty = false;
        while (batches.size() < options.accumulation()) {
            SequenceBatch batch = data.next(scratch);
            if (batch != null) {
                batches.add(batch);
                isEmpty = false;
                continue;
            }
            Checks.require(!isEmpty, NAME, "the data has no batches");
            isEmpty = true;
            state.epoch++;
            if (options.epochs() > 0 && state.epoch >= options.epochs()) {
                break;
            }
        }
        return batches;
    }

    private boolean isEvaluationDue() {
        if (validation == null) {
            return false;
        }
        int every = options.evaluateEvery();
        return every == TrainingOptions.AUTOMATIC
                ? pace.step() == 1 || pace.progress() >= state.nextEvaluation
                : pace.step() % every == 0;
    }

    private void evaluate() throws IOException {
        validation.restore(validationStart);
        Evaluation evaluation;
        try (CarriedState fresh = newCarriedState()) {
            evaluation =
                    learner.evaluate(validation, options.evaluationBatches(), fresh, pace.step());
        }
        Checks.require(evaluation.labels() > 0, NAME, "the held-out data has no labels");
        boolean isBest = state.add(evaluation);
        if (isBest && options.keepBest()) {
            best.keep(checkpoints.parameters());
        }
        state.nextEvaluation = pace.progress() + 1 / EVALUATIONS_PER_RUN;
        listeners.forEach(listener -> listener.onEvaluation(evaluation, state.trainLoss, isBest));
    }

    private boolean isSaveDue() {
        int every = options.saveEvery();
        return every == TrainingOptions.AUTOMATIC
                ? System.nanoTime() - lastSave > NANOS_BETWEEN_SAVES
                : pace.step() % every == 0;
    }

    private void save() throws IOException {
        if (!checkpoints.areKept()) {
            return;
        }
        JsonObject json = new JsonObject();
        json.addProperty("step", pace.step());
        json.addProperty("seconds", pace.elapsed());
        json.add("run", state.toJson());
        place.save(json);
        if (metrics != null) {
            json.add(TrainingCheckpoint.METRICS, metrics.mark().toJson());
        }
        checkpoints.save(pace.step(), json);
        lastSave = System.nanoTime();
        listeners.forEach(listener -> listener.onCheckpoint(pace.step(), checkpoints.folder()));
    }

    @Override
    public void close() {
        replicas.close();
        best.close();
        optimizer.close();
        if (carried != null) {
            carried.close();
        }
    }
}
