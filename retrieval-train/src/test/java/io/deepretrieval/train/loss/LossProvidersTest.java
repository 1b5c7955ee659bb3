// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Batching;
import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LossProvidersTest {
  private static Options options(String text) {
    Map<String, String> values = new TreeMap<>();
    for (String part : text.isBlank() ? new String[0] : text.strip().split(" ", -1)) {
      int equals = part.indexOf('=');
      values.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return Options.of(values);
  }

  private static Loss create(String name, String options) {
    return create(name, options, LossContext.of(12, 5));
  }

  private static Loss create(String name, String options, LossContext context) {
    return Providers.losses().get(name).create(options(options), context);
  }

  @Test
  void everyLossIsFoundByName() {
    assertThat(Providers.losses().names())
        .containsExactly("arcface", "contrastive", "npair", "quantized-ap", "softmax", "triplet");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "npair | '' | npair labelled lambda=0.002",
        "npair | form=distinct lambda=0 | npair distinct lambda=0.0",
        "triplet | '' | triplet margin=0.1 squared-euclidean all mean",
        "triplet | margin=soft distance=euclidean selection=hardest reduction=mean-active |"
            + " triplet soft-margin euclidean hardest mean-active",
        "triplet | margin=0.5 selection=tuples reduction=sum |"
            + " triplet margin=0.5 squared-euclidean tuples rows=7 sum",
        "triplet | selection=semi-hard | triplet margin=0.1 squared-euclidean semi-hard mean",
        "contrastive | '' | contrastive margin=0.85 euclidean all-pairs mean",
        "contrastive | margin=0.7 epsilon=1e-6 selection=tuples rows=3 reduction=sum |"
            + " contrastive margin=0.7 euclidean epsilon=1.0E-6 tuples rows=3 sum",
        "quantized-ap | '' | quantized-ap bins=25",
        "quantized-ap | bins=20 | quantized-ap bins=20",
        "softmax | classes=672 dimension=128 | softmax classes=672",
        "softmax | '' | softmax classes=12",
        "arcface | '' | arcface classes=12 scale=30.0 margin=0.15",
        "arcface | classes=10 dimension=4 | arcface classes=10 scale=30.0 margin=0.15",
        "arcface | classes=10 dimension=4 seed=2 scale=64 margin=0.5 |"
            + " arcface classes=10 scale=64.0 margin=0.5",
      })
  void optionsReachTheLoss(String name, String options, String recipe) {
    Loss loss = create(name, options);
    assertThat(loss.recipe()).isEqualTo(recipe);
    assertThat(loss).hasToString(recipe);
  }

  @Test
  void seedReachesTheWeights() {
    TrainableLoss one = (TrainableLoss) create("softmax", "classes=3 dimension=2 seed=5");
    assertThat(one.weights()).isEqualTo(SoftmaxLoss.random(3, 2, 5).weights());
  }

  @Test
  void classesAndDimensionAreThoseOfTheTraining() {
    TrainableLoss loss = (TrainableLoss) create("arcface", "");
    assertThat(loss.classes()).isEqualTo(12);
    assertThat(loss.dimension()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "triplet | '' | triplet margin=0.1 squared-euclidean tuples rows=4 mean",
        "triplet | rows=5 | triplet margin=0.1 squared-euclidean tuples rows=5 mean",
        "triplet | selection=hardest | triplet margin=0.1 squared-euclidean hardest mean",
        "contrastive | '' | contrastive margin=0.85 euclidean tuples rows=4 mean",
        "npair | '' | npair labelled lambda=0.002",
      })
  void aTrainingOfTuplesMakesALossOverTuples(String name, String options, String recipe) {
    Loss loss = create(name, options, LossContext.of(12, 5).withTupleSize(4));
    assertThat(loss.recipe()).isEqualTo(recipe);
  }

  @ParameterizedTest
  @CsvSource({
    "npair, '', false, PER_CLASS, 2",
    "triplet, '', true, PER_CLASS, 0",
    "triplet, selection=hardest, true, PER_CLASS, 0",
    "triplet, selection=tuples rows=5, true, TUPLES, 5",
    "contrastive, '', true, PER_CLASS, 0",
    "contrastive, selection=tuples, true, TUPLES, 7",
    "quantized-ap, '', true, PER_CLASS, 0",
    "softmax, '', false, PER_CLASS, 0",
    "arcface, '', true, PER_CLASS, 0"
  })
  void aLossSaysWhatItWants(
      String name, String options, boolean unit, Batching.Order order, int rows) {
    Loss loss = create(name, options);
    assertThat(loss.wantsUnitLength()).isEqualTo(unit);
    assertThat(loss.batching()).isEqualTo(new Batching(order, rows));
    assertThat(loss.initialLength().isPresent()).isEqualTo(name.equals("npair"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "npair | p=3 | npair has no option 'p'; known: form, lambda",
        "npair | form=mc | option form must be one of labelled, distinct but was 'mc'",
        "triplet | margin=wide | option margin must be a number but was 'wide'",
        "triplet | reduction=max | option reduction must be one of mean, sum, mean-active but was"
            + " 'max'",
        "triplet | rows=4 | option rows must stand with selection tuples only but selection was"
            + " 'all'",
        "contrastive | selection=hardest | option selection must be one of all, tuples but was"
            + " 'hardest'",
        "contrastive | margin=soft | option margin must be a number but was 'soft'",
        "quantized-ap | bins=1 | quantized-ap bins must be at least 2 but were 1",
        "softmax | classes=1 | class weights [L,D] must be at least [2,1] but were [1,5]",
      })
  void optionsThatDoNotFitAreRefused(String name, String options, String message) {
    assertThatThrownBy(() -> create(name, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
