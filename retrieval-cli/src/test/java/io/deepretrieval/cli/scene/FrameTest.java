// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameTest {
  private static final Vec EYE = new Vec(0, 0, 10);

  private static Camera camera() {
    return Camera.lookAt(EYE, new Vec(0, 0, 0), 0, 100, 100, 80);
  }

  private static Skin skin(int argb) {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 4; i++) {
      image.setRGB(i % 2, i / 2, argb);
    }
    return Skin.of(Texture.once(image));
  }

  private static Mesh square(double z, int argb) {
    return new Mesh()
        .quad(
            new Vec(-1, -1, z), new Vec(1, -1, z), new Vec(1, 1, z), new Vec(-1, 1, z), skin(argb));
  }

  @Test
  void cameraPutsItsTargetInTheMiddleAndUpwardsUp() {
    Camera camera = camera();
    assertThat(camera.column(new Vec(0, 0, 0))).isCloseTo(50, within(1e-9));
    assertThat(camera.row(new Vec(0, 0, 0))).isCloseTo(40, within(1e-9));
    assertThat(camera.column(new Vec(1, 0, 0))).isCloseTo(60, within(1e-9));
    assertThat(camera.row(new Vec(0, 1, 0))).isCloseTo(30, within(1e-9));
  }

  @Test
  void rayOfAPixelMeetsThePointThatIsSeenThere() {
    Camera camera = Camera.lookAt(new Vec(3, 2, 9), new Vec(1, 4, 0), 0.2, 120, 100, 80);
    Vec p = new Vec(-1, 5, 1);
    Vec met = camera.at().plus(camera.ray(camera.column(p), camera.row(p)).times(camera.depth(p)));
    assertThat(met.minus(p).length()).isLessThan(1e-9);
  }

  @Test
  void squareOfTwoMetresCoversItsProjection() {
    Frame frame = new Frame(100, 80, camera());
    frame.draw(square(0, 0xFF00FF00), Frame.SUBJECT);
    // 2 m at 10 m with a focal length of 100 pixels: 20 pixels a side.
    assertThat(frame.count(Frame.SUBJECT)).isEqualTo(400);
    assertThat(frame.color[40 * 100 + 50]).isEqualTo(0xFF00FF00);
    assertThat(frame.depth[40 * 100 + 50]).isCloseTo(10, within(1e-5f));
  }

  @Test
  void nearerSurfaceHidesWhateverTheOrder() {
    for (boolean nearFirst : new boolean[] {true, false}) {
      Frame frame = new Frame(100, 80, camera());
      frame.draw(square(nearFirst ? 2 : 0, nearFirst ? 0xFF0000FF : 0xFFFF0000), Frame.OTHER);
      frame.draw(square(nearFirst ? 0 : 2, nearFirst ? 0xFFFF0000 : 0xFF0000FF), Frame.SUBJECT);
      assertThat(frame.color[40 * 100 + 50]).isEqualTo(0xFF0000FF);
    }
  }

  @Test
  void holesAreSeenThrough() {
    Frame frame = new Frame(100, 80, camera());
    frame.draw(square(2, 0x00123456), Frame.OTHER);
    assertThat(frame.count(Frame.OTHER)).isZero();
  }

  @Test
  void thingsBehindTheCameraAreLeftOut() {
    Frame frame = new Frame(100, 80, camera());
    frame.draw(square(12, 0xFF00FF00), Frame.SUBJECT);
    assertThat(frame.count(Frame.SUBJECT)).isZero();
  }

  @Test
  void smallerCopiesOfATextureAreMeans() {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFF000000);
    image.setRGB(1, 0, 0xFF040404);
    image.setRGB(0, 1, 0xFF080808);
    image.setRGB(1, 1, 0xFF0C0C0C);
    Texture texture = Texture.once(image);
    assertThat(texture.level(1)).isZero();
    assertThat(texture.level(64)).isEqualTo(1);
    assertThat(texture.sample(0.5, 0.5, 1)).isEqualTo(0xFF060606);
    assertThat(texture.sample(0.5, 0.5, 0)).isEqualTo(0xFF060606);
  }

  @ParameterizedTest
  @EnumSource(Architect.Kind.class)
  void buildingsStandOnTheGroundAndAreLargerThanAHouse(Architect.Kind kind) {
    for (int seed = 0; seed < 4; seed++) {
      Building building = Architect.landmark(kind, Rng.of(seed));
      assertThat(building.height()).as("seed " + seed).isBetween(8.0, 130.0);
      assertThat(building.width()).as("seed " + seed).isBetween(6.0, 80.0);
      assertThat(building.mesh().triangles())
          .as("seed " + seed)
          .hasSizeGreaterThanOrEqualTo(20)
          .allMatch(t -> t.a().at().y() >= -1e-9);
    }
  }

  @Test
  void shadeDarkensAndClamps() {
    assertThat(Colors.shade(new Color(100, 200, 10), 2)).isEqualTo(new Color(200, 255, 20));
    assertThat(Colors.mix(Color.BLACK, Color.WHITE, 0.5)).isEqualTo(new Color(128, 128, 128));
  }
}
