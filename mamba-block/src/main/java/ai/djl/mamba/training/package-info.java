/**
 * What training a Mamba model needs beside DJL's own {@code Trainer}: tools that work with it, and
 * {@link ai.djl.mamba.training.TrainingRun}, a whole run that can be stopped or killed and resumed.
 *
 * <pre>
 * BatchSource → SequenceBatch → Learner (loss, gradients; on Replicas, one for each device)
 *   → GradientClipping → AdamW with ParameterGroups, at the pace of TrainingOptions
 *   → evaluations, EarlyStopping, MetricsLog, CheckpointStore
 * </pre>
 *
 * <p>With DJL's {@code Trainer} and {@code EasyTrain}: {@link ai.djl.mamba.training.AdamW} as the
 * optimizer, {@link ai.djl.mamba.training.MaskedCrossEntropy} as the loss, {@link
 * ai.djl.mamba.training.GradientClipping} and {@link ai.djl.mamba.training.EarlyStopping} as
 * listeners, {@link ai.djl.mamba.training.Schedules} as trackers; {@link
 * ai.djl.mamba.training.Freezing} and {@link ai.djl.mamba.training.LoRA} on the block, after {@code
 * newTrainer}, which unfreezes what was loaded; {@link ai.djl.mamba.training.GradientAccumulation}
 * in a loop of one's own.
 *
 * <p>Several devices: {@code TrainingRun} shares the rows of each batch among the GPUs of one host.
 * With DJL's {@code Trainer}, {@code AdamW} has a state for each device, but DJL adds the gradients
 * up inside the step, where nobody sees them, so clipping and accumulation refuse more than one
 * device; each device's loss is the mean over its own labels, and the gradients are summed, not
 * averaged. On MXNet, values put into parameters after {@code trainer.initialize} are lost at the
 * next step, as its store has a copy: load before.
 */
package ai.djl.mamba.training;
