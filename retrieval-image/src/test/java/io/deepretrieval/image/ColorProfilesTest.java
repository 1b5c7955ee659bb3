// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Which profiles are converted by. */
final class ColorProfilesTest {
  private static final byte[] SRGB = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
  private static final byte[] LINEAR = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
  private static final byte[] GRAY = ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData();

  private final ColorProfiles profiles = new ColorProfiles();

  @Test
  void srgbIsUsableAndNeedsNoConversion() {
    assertThat(profiles.usable(SRGB, 3)).isTrue();
    assertThat(profiles.toApply(SRGB, 3)).isNull();
  }

  @Test
  void otherColorsAreConverted() {
    assertThat(profiles.toApply(LINEAR, 3)).isNotNull();
    assertThat(profiles.toApply(GRAY, 1)).isNotNull();
  }

  @Test
  void wrongNumberOfChannelsIsUnusable() {
    assertThat(profiles.usable(LINEAR, 1)).isFalse();
    assertThat(profiles.usable(LINEAR, 4)).isFalse();
    assertThat(profiles.usable(GRAY, 3)).isFalse();
    assertThat(profiles.toApply(GRAY, 3)).isNull();
  }

  @Test
  void absentAndDamagedProfilesAreUnusable() {
    assertThat(profiles.usable(null, 3)).isFalse();
    assertThat(profiles.toApply(null, 3)).isNull();
    assertThat(profiles.usable(new byte[0], 3)).isFalse();
    assertThat(profiles.usable(Arrays.copyOf(LINEAR, 200), 3)).isFalse();
  }

  @Test
  void verdictOutlivesManyOtherProfiles() {
    for (int i = 0; i < 100; i++) {
      byte[] other = Arrays.copyOf(LINEAR, LINEAR.length + i + 1);
      profiles.usable(other, 3);
    }

    assertThat(profiles.toApply(LINEAR, 3)).isNotNull();
    assertThat(profiles.toApply(SRGB, 3)).isNull();
  }
}
