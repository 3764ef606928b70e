/**
 * What training a Mamba model needs beside DJL's own {@code Trainer}: tools that work with it, and
 * {@link ai.djl.mamba.training.TrainingRun}, a whole run that can be stopped or killed and resumed.
 *
 * <pre>
 * BatchSource → SequenceBatch → Learner (loss, gradients; on Replicas, one for each device)
 *   → GradientClipping → AdamW with ParameterGroups, at the pace of TrainingOptions
 *   → evaluations, EarlyStopping, MetricsLog, CheckpointStore
 * </pre>
 */
package ai.djl.mamba.training;
