/**
 * Training: tools that complement DJL's {@code Trainer}, and {@link
 * ai.djl.mamba.training.TrainingRun}, a complete run that can be stopped or killed and then
 * resumed.
 *
 * <pre>
 * BatchSource → SequenceBatch → Learner (loss, gradients; on Replicas, one per device)
 *   → GradientClipping → AdamW with ParameterGroups, at the pace of TrainingOptions
 *   → evaluations, EarlyStopping, MetricsLog, CheckpointStore
 * </pre>
 *
 * <p>With DJL's {@code Trainer} and {@code EasyTrain}: {@link ai.djl.mamba.training.AdamW} as the
 * optimizer, {@link ai.djl.mamba.training.MaskedCrossEntropy} as the loss, {@link
 * ai.djl.mamba.training.GradientClipping} and {@link ai.djl.mamba.training.EarlyStopping} as
 * listeners, {@link ai.djl.mamba.training.Schedules} as trackers; {@link
 * ai.djl.mamba.training.Freezing} and {@link ai.djl.mamba.training.LoRA} on the block, after {@code
 * newTrainer}, which unfreezes loaded parameters; {@link
 * ai.djl.mamba.training.GradientAccumulation} in a custom training loop.
 *
 * <p>Several devices: {@code TrainingRun} shares the rows of each batch among the GPUs of one host.
 * With DJL's {@code Trainer}, {@code AdamW} has a state for each device, but DJL sums the gradients
 * within the step, where they are not accessible: clipping and accumulation therefore reject more
 * than one device. The loss of each device is the mean over its own labels, and the gradients are
 * summed, not averaged. On MXNet, parameters must be loaded before {@code trainer.initialize}:
 * values set later are lost at the next step, because the parameter store has a copy.
 */
package ai.djl.mamba.training;
