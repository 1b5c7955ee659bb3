// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import io.deepretrieval.Box;
import io.deepretrieval.cli.scene.Foreground.Kind;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Takes images of buildings: chooses place, light and what else stands around. Thread-safe. */
final class Photographer {
  /** Raster of a side that one pixel of the image is made of. */
  private static final int OVERSAMPLING = 2;

  /** Images that are tried in small until one shows as much of the building as it should. */
  private static final int TRIES = 60;

  private static final double DRAFT = 0.25;

  private final int size;

  /**
   * Makes a photographer.
   *
   * @param size longer side of the images in pixels
   */
  Photographer(int size) {
    this.size = size;
  }

  private record Thing(Kind kind, Vec foot, long seed) {}

  private record Plan(
      Camera camera,
      int width,
      int height,
      List<Site.House> houses,
      List<Thing> things,
      Light light,
      Landscape surroundings,
      Vec exposure,
      long film) {}

  private record Coverage(double visible, int left, int top, int right, int bottom) {}

  /** Takes one image; the same keys give the same one. */
  Photo take(Building subject, Site place, Shot shot, long... keys) {
    Plan best = plan(subject, place, shot, Rng.of(keys));
    double miss = Double.POSITIVE_INFINITY;
    for (int attempt = 0; attempt < TRIES && miss > 0; attempt++) {
      Plan plan = plan(subject, place, shot, Rng.of(Rng.of(keys).bits(), attempt));
      double visible = draft(subject, plan);
      double gap = Math.max(0, Math.max(shot.least - visible, visible - shot.most));
      if (gap < miss) {
        miss = gap;
        best = plan;
      }
    }
    return develop(subject, best);
  }

  private Plan plan(Building subject, Site place, Shot shot, Rng rng) {
    double ratio = rng.pick(4.0 / 3, 4.0 / 3, 3.0 / 2, 1.0);
    boolean upright = rng.chance(subject.height() > subject.width() ? 0.85 : 0.1);
    int shorter = (int) Math.round(size / ratio);
    int width = OVERSAMPLING * (upright ? shorter : size);
    int height = OVERSAMPLING * (upright ? size : shorter);
    double fov = rng.range(0.55, 1.25);
    double focal = width / 2.0 / Math.tan(fov / 2);
    double azimuth = rng.range(-shot.aside, shot.aside);
    double fill = rng.range(shot.far, shot.near);
    double across =
        subject.width() * Math.cos(azimuth) + subject.depth() * Math.abs(Math.sin(azimuth));
    double distance =
        focal * Math.sqrt(across * subject.height() / ((double) width * height)) / fill;
    distance += subject.depth() / 2;
    distance = Math.max(distance, Math.hypot(subject.width(), subject.depth()) / 2 + 5);
    double eye = rng.chance(0.7) ? rng.range(1.5, 2.2) : rng.range(3, subject.height() * 0.6 + 4);
    Vec at = new Vec(distance * Math.sin(azimuth), eye, distance * Math.cos(azimuth));
    double off = shot == Shot.QUERY ? 0.1 : shot == Shot.OK || shot == Shot.JUNK ? 0.8 : 0.25;
    Vec target =
        new Vec(
            rng.range(-off, off) * subject.width() * 0.6,
            subject.height() * (0.46 + rng.range(-off, off) * 0.4),
            0);
    double roll = rng.chance(0.8) ? rng.gaussian() * 0.025 : rng.range(-0.2, 0.2);
    Camera camera = Camera.lookAt(at, target, roll, focal, width, height);
    Light light = shot == Shot.QUERY ? Light.day(rng, subject) : Light.any(rng, subject);
    Landscape surroundings = Landscape.random(light, place.ground(), rng);
    double wanted = shot == Shot.QUERY ? rng.range(0.9, 1.1) : rng.range(0.8, 1.25);
    Vec exposure =
        surroundings.whiteBalance().times(wanted * 0.95 / Math.max(0.25, surroundings.power()));
    return new Plan(
        camera,
        width,
        height,
        place.houses(),
        things(shot, camera, distance - subject.depth() / 2, width, height, rng),
        light,
        surroundings,
        exposure,
        rng.bits());
  }

  private static List<Thing> things(
      Shot shot, Camera camera, double room, int width, int height, Rng rng) {
    double crowd =
        switch (shot) {
          case QUERY -> 0.5;
          case GOOD, DISTRACTOR -> 0.9;
          case OK, JUNK -> 2.6;
        };
    List<Thing> things = new ArrayList<>();
    add(things, Kind.TREE, rng.range(0, 2.2) * crowd, 0.25, camera, room, width, height, rng);
    add(things, Kind.LAMP, rng.range(0, 1.5) * crowd, 0.3, camera, room, width, height, rng);
    add(things, Kind.CAR, rng.range(0, 2.4) * crowd, 0.3, camera, room, width, height, rng);
    add(things, Kind.BUS, rng.range(0, 0.75) * crowd, 0.35, camera, room, width, height, rng);
    add(things, Kind.PERSON, rng.range(0, 7) * crowd, 0.12, camera, room, width, height, rng);
    add(things, Kind.BUSH, rng.range(0, 2) * crowd, 0.3, camera, room, width, height, rng);
    things.sort((a, b) -> Double.compare(camera.depth(b.foot), camera.depth(a.foot)));
    return things;
  }

  private static void add(
      List<Thing> things,
      Kind kind,
      double number,
      double nearest,
      Camera camera,
      double room,
      int width,
      int height,
      Rng rng) {
    for (int i = 0; i < (int) number; i++) {
      double depth = room * rng.range(nearest, 0.92);
      Vec ray = camera.ray(rng.range(-0.05, 1.05) * width, height / 2.0);
      Vec level = new Vec(ray.x(), 0, ray.z()).unit();
      Vec foot = camera.at().plus(level.times(Math.max(3, depth)));
      things.add(new Thing(kind, new Vec(foot.x(), 0, foot.z()), rng.bits()));
    }
  }

  /** How much of the building a plan shows, from a small image. */
  private static double draft(Building subject, Plan plan) {
    int w = (int) Math.ceil(plan.width * DRAFT);
    int h = (int) Math.ceil(plan.height * DRAFT);
    Frame frame = new Frame(w, h, plan.camera.inFrame(DRAFT, w, h));
    place(frame, subject, plan);
    BufferedImage layer = foreground(frame, plan);
    return cover(frame, layer, total(subject, plan)).visible;
  }

  private static void place(Frame frame, Building subject, Plan plan) {
    frame.draw(subject.mesh(), Frame.SUBJECT);
    for (Site.House house : plan.houses) {
      frame.draw(new Mesh().add(house.building().mesh(), p -> p.plus(house.at())), Frame.OTHER);
    }
  }

  /** Raster of the whole building at the scale of a draft, also those that the frame cuts off. */
  private static double total(Building subject, Plan plan) {
    int w = (int) (5 * plan.width * DRAFT);
    int h = (int) (5 * plan.height * DRAFT);
    Frame wide = new Frame(w, h, plan.camera.inFrame(DRAFT, w, h));
    wide.draw(subject.mesh(), Frame.SUBJECT);
    return Math.max(1, wide.count(Frame.SUBJECT)) / (DRAFT * DRAFT * plan.width * plan.height);
  }

  private static BufferedImage foreground(Frame frame, Plan plan) {
    BufferedImage layer = new BufferedImage(frame.width, frame.height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = FacadePainter.graphics(layer, 1, 1);
    Foreground painter =
        new Foreground(g, frame.camera, plan.surroundings.ambient(), plan.exposure);
    for (Thing thing : plan.things) {
      painter.paint(thing.kind, thing.foot, Rng.of(thing.seed));
    }
    g.dispose();
    return layer;
  }

  private static Coverage cover(Frame frame, BufferedImage layer, double total) {
    int[] hidden = Raster.of(layer);
    int seen = 0;
    int left = frame.width;
    int top = frame.height;
    int right = 0;
    int bottom = 0;
    for (int y = 0; y < frame.height; y++) {
      for (int x = 0; x < frame.width; x++) {
        int i = y * frame.width + x;
        if (frame.owner[i] == Frame.SUBJECT && hidden[i] >>> 24 < 128) {
          seen++;
          left = Math.min(left, x);
          top = Math.min(top, y);
          right = Math.max(right, x + 1);
          bottom = Math.max(bottom, y + 1);
        }
      }
    }
    double part = (double) seen / ((double) frame.width * frame.height) / total;
    return new Coverage(Math.min(1, part), left, top, right, bottom);
  }

  private static Photo develop(Building subject, Plan plan) {
    Frame frame = new Frame(plan.width, plan.height, plan.camera);
    place(frame, subject, plan);
    if (plan.light.sun().x() > 0.2) {
      frame.castShadow(subject.mesh(), plan.light.toSun());
    }
    BufferedImage image = new BufferedImage(plan.width, plan.height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = Raster.of(image);
    double[] linear = new double[3];
    for (int y = 0; y < plan.height; y++) {
      for (int x = 0; x < plan.width; x++) {
        plan.surroundings.expose(frame, x, y, subject.height(), linear);
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          double in = linear[c] * Landscape.part(plan.exposure, c);
          rgb = rgb << 8 | Colors.clamp(255 * Landscape.tone(in));
        }
        pixels[y * plan.width + x] = rgb;
      }
    }
    BufferedImage layer = foreground(frame, plan);
    Coverage coverage = cover(frame, layer, total(subject, plan));
    Graphics2D g = image.createGraphics();
    g.drawImage(layer, 0, 0, null);
    g.dispose();
    Rng film = Rng.of(plan.film);
    BufferedImage out = Film.develop(image, OVERSAMPLING, film);
    return new Photo(out, box(coverage, out), coverage.visible, (float) film.range(0.6, 0.92));
  }

  private static Box box(Coverage c, BufferedImage out) {
    if (c.right <= c.left) {
      return new Box(0, 0, out.getWidth(), out.getHeight());
    }
    return new Box(
        Math.floorDiv(c.left, OVERSAMPLING),
        Math.floorDiv(c.top, OVERSAMPLING),
        Math.min(out.getWidth(), (c.right + OVERSAMPLING - 1) / OVERSAMPLING),
        Math.min(out.getHeight(), (c.bottom + OVERSAMPLING - 1) / OVERSAMPLING));
  }
}
