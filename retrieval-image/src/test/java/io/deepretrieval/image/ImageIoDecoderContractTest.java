// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import io.deepretrieval.ImageDecoder;
import io.deepretrieval.testkit.ImageDecoderContract;

final class ImageIoDecoderContractTest extends ImageDecoderContract {
  @Override
  protected ImageDecoder decoder() {
    return new ImageIoDecoder();
  }
}
