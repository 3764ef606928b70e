/** What training a Mamba model needs beside DJL's own {@code Trainer}. */
package ai.djl.mamba.training;
