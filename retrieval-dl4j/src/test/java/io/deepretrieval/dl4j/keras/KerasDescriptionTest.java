// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.dl4j.KerasFiles;
import io.deepretrieval.format.Hdf5FileTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged graphs in whole files. Without the check the import looks for a lost layer for ever. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KerasDescriptionTest {
  @TempDir Path directory;

  private void assertRefused(String from, String to, String reason) throws IOException {
    byte[] whole = Files.readAllBytes(Hdf5FileTest.resource(directory, "small.h5"));
    String model = KerasFiles.model(whole).toString();
    assertThat(model).contains(from);
    Path file = directory.resolve("edited.h5");
    Files.write(file, KerasFiles.with(whole, model.replace(from, to)).orElseThrow());
    assertThatThrownBy(() -> KerasNetworks.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read weights " + file + " (keras): " + reason);
  }

  @Test
  void theModelItselfIsRead() throws IOException {
    byte[] whole = Files.readAllBytes(Hdf5FileTest.resource(directory, "small.h5"));
    Path file = directory.resolve("same.h5");
    Files.write(file, KerasFiles.with(whole, KerasFiles.model(whole).toString()).orElseThrow());
    assertThat(KerasNetworks.read(file).getConfiguration().getNetworkOutputs())
        .containsExactly("out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Lost, behind, in a ring, of itself.
        "[\"pad\",0,0|[\"bad\",0,0|layer 'stem' must read layers that stand before it but reads 'bad',"
            + " which is not in model_config",
        "[\"sum\",0,0|[\"\\u001bsum\",0,0|layer 'point' must read layers that stand before it but reads"
            + " '?sum', which is not in model_config",
        "[[[\"stem_relu\",0,0,{}],[\"deep\"|[[[\"stem_relu\",0,0,{}],[\"point\"|layer 'sum' must read"
            + " layers that stand before it but reads 'point', which reads it: a ring",
        "[[[\"stem_relu\",0,0,{}],[\"deep\"|[[[\"out\",0,0,{}],[\"deep\"|layer 'sum' must read layers that"
            + " stand before it but reads 'out', which reads it: a ring",
        "[[[\"pad\",0,0|[[[\"stem\",0,0|layer 'stem' must read layers that stand before it but reads"
            + " 'stem', which reads it: a ring",
        "[[[\"joined\",0,0|[[[\"sum\",0,0,{}],[\"out\",0,0|layer 'last' must read layers that stand before"
            + " it but reads 'out', which reads it: a ring",
        // Names.
        "\"name\":\"deep\"|\"name\":\"stem\"|model_config must have each layer once but has layer 'stem'"
            + " twice",
        "\"name\":\"deep\",\"class|\"name\":\"peed\",\"class|layer 'peed' must have one name but is also"
            + " called 'deep'",
        "\"name\":\"deep\",\"class|\"name\":7,\"class|a layer of model_config must have the text name but"
            + " has none",
        "\"name\":\"deep\",\"tr|\"nome\":\"deep\",\"tr|layer 'deep''s config must have the text name but"
            + " has none",
        // Forms of what a layer reads.
        "[[[\"pad\",0,0,{}]]]|[]|layer 'stem' must read at least one layer but reads none",
        "[[[\"pad\",0,0,{}]]]|[[]]|layer 'stem' must read at least one layer but reads none",
        "[[[\"pad\",0,0,{}]]]|[[\"pad\"]]|layer 'stem': a part of inbound_nodes must be [name, 0, 0] but"
            + " is '\"pad\"'",
        "[[[\"pad\",0,0,{}]]]|[[[\"pad\",1,0,{}]]]|layer 'stem': a part of inbound_nodes must be [name, 0,"
            + " 0] but is '[\"pad\",1,0,{}]'",
        "[[[\"pad\",0,0,{}]]]|[[[]]]|layer 'stem': a part of inbound_nodes must be [name, 0, 0] but is"
            + " '[]'",
        "[[[\"pad\",0,0,{}]]]|[{\"args\":[]}]|layer 'stem' must have lists as inbound_nodes, as Keras 2"
            + " writes them",
        "[[[\"pad\",0,0,{}]]]|[[[\"pad\",0,0]],[[\"pad\",0,0]]]|layer 'stem' must be used once but has 2"
            + " inbound_nodes",
        "[[[\"pad\",0,0,{}]]]|{}|layer 'stem' must have the list inbound_nodes but has none",
        "\"inbound_nodes\":[]|\"inbound_nodes\":[[[\"out\",0,0]]]|layer 'input_1' must read nothing, as an"
            + " input, but reads 'out'",
        // A layer around another takes the name of the inner one when it is imported.
        "\"class_name\":\"Add\",\"config\":{|\"class_name\":\"TimeDistributed\",\"config\":{\"layer\":{},|layer"
            + " 'sum' must be a layer alone but holds others (config has 'layer')",
        "\"class_name\":\"Add\",\"config\":{|\"class_name\":\"Model\",\"config\":{\"layers\":[],|layer 'sum' must"
            + " be a layer alone but holds others (config has 'layers')",
        // Ends.
        "\"input_layers\":[[\"input_1\"|\"input_layers\":[[\"input_2\"|input_layers must name layers of the"
            + " class InputLayer but name 'input_2'",
        "\"input_layers\":[[\"input_1\"|\"input_layers\":[[\"pad\"|input_layers must name layers of the class"
            + " InputLayer but name 'pad'",
        "\"input_layers\":[[\"input_1\",0,0]]|\"input_layers\":[]|input_layers must name at least one layer"
            + " but name none",
        "\"input_layers\"|\"input_leyers\"|model_config must have the list input_layers but has none",
        "\"output_layers\":[[\"out\"|\"output_layers\":[[\"aut\"|output_layers must name layers of"
            + " model_config but name 'aut'",
        "\"output_layers\":[[\"out\",0,0]]|\"output_layers\":[[\"out\",0,0],[\"out\",0,0]]|output_layers must"
            + " name each layer once but name 'out' twice",
        "\"output_layers\":[[\"out\",0,0]]|\"output_layers\":[]|output_layers must name at least one layer"
            + " but name none",
        "\"class_name\":\"InputLayer\"|\"class_name\":\"InputLoyer\"|layer 'input_1' must read at least one"
            + " layer but reads none",
        // Sizes.
        "[[0,1],[0,1]]|[[0,1],[0,1e9]]|layer 'pad': padding must be 0 to 1024 but is '1e9'",
        "\"strides\":[2,2]|\"strides\":[2,0]|layer 'stem': strides must be 1 to 1024 but is '0'",
        "\"kernel_size\":[3,3]|\"kernel_size\":[3,-3]|layer 'stem': kernel_size must be 1 to 1024 but is"
            + " '-3'",
      })
  void damagedGraphsAreRefused(String from, String to, String reason) throws IOException {
    assertRefused(from, to, reason);
  }
}
