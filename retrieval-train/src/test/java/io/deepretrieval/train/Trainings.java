// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.ImageSource;
import io.deepretrieval.Parameter;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.Networks;
import io.deepretrieval.dl4j.TrainableGraphBackbone;
import io.deepretrieval.train.data.LabeledImages;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;

/** A small network and small images to train it on. */
final class Trainings {
  static final int CHANNELS = 8;

  private Trainings() {}

  /** Convolutions with folded normalization, ReLU and a residual sum; cuts c1 and c2. */
  static TrainableGraphBackbone backbone(String trainFrom) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .weightInit(WeightInit.RELU)
            .graphBuilder()
            .addInputs("in")
            .addLayer("c1", conv(3).stride(2, 2).build(), "in")
            .addLayer("n1", new BatchNormalization.Builder().nOut(CHANNELS).build(), "c1")
            .addLayer("r1", relu(), "n1")
            .addLayer("c2", conv(CHANNELS).build(), "r1")
            .addLayer("n2", new BatchNormalization.Builder().nOut(CHANNELS).build(), "c2")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "n2", "r1")
            .addLayer("out", relu(), "sum");
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("out").build());
    graph.init();
    Networks.randomize(graph, 6, 0.3f);
    return TrainableGraphBackbone.builder("tiny", graph, "out", Preprocessing.TORCH)
        .trainFrom(trainFrom)
        .threads(1)
        .build();
  }

  private static ConvolutionLayer.Builder conv(int in) {
    return new ConvolutionLayer.Builder(3, 3)
        .nIn(in)
        .nOut(CHANNELS)
        .padding(1, 1)
        .activation(Activation.IDENTITY);
  }

  private static ActivationLayer relu() {
    return new ActivationLayer.Builder().activation(Activation.RELU).build();
  }

  /**
   * Classes are stripes of an angle and period of their own, at a place and in colors by chance.
   */
  static LabeledImages images(int classes, int perClass, int size, long seed) {
    LabeledImages.Builder builder = LabeledImages.builder();
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < perClass; i++) {
        builder.add(
            ImageSource.of("c" + c + "-" + i + ".png", png(c, size, seed + 1000L * c + i)),
            "c" + c);
      }
    }
    return builder.build();
  }

  static byte[] png(int angle, int size, long seed) {
    Random random = new Random(seed);
    double phase = random.nextDouble() * 6;
    double turn = angle * 0.7;
    int low = 40 + random.nextInt(60);
    int high = 160 + random.nextInt(80);
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double wave = Math.sin((x * Math.cos(turn) + y * Math.sin(turn)) * 1.2 + phase);
        int v = (int) (low + (high - low) * (wave + 1) / 2) + random.nextInt(15);
        image.setRGB(x, y, (v << 16) | (v << 8) | (255 - v));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException("memory must take an image", e);
    }
    return bytes.toByteArray();
  }

  static Map<String, float[]> values(TrainableBackbone backbone) {
    Map<String, float[]> out = new LinkedHashMap<>();
    for (Parameter parameter : backbone.parameters()) {
      out.put(parameter.name(), parameter.values());
    }
    return out;
  }

  /** Everything that was trained, as one number. */
  static int fingerprint(TrainingReport report) {
    int hash = 1;
    for (float[] values : values((TrainableBackbone) report.model().backbone()).values()) {
      hash = 31 * hash + Arrays.hashCode(values);
    }
    if (report.model().projection().isPresent()) {
      hash = 31 * hash + Arrays.hashCode(report.model().projection().get().weight());
      hash = 31 * hash + Arrays.hashCode(report.model().projection().get().bias());
    }
    return 31 * hash + report.model().pooling().recipe().hashCode();
  }
}
