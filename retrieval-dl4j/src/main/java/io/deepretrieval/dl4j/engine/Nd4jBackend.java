// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Starts ND4J, or says in one line why it cannot. Without this a CUDA backend on a machine that has
 * no driver prints the stack of its native loader and ends in a class that cannot be initialized.
 *
 * <p>The CUDA build of ND4J 1.0.0-M2.1 holds machine code for compute capability 3.7, 5.0, 5.2,
 * 6.0, 6.1, 7.0, 7.5, 8.0 and 8.6 and none that a driver could translate; machine code runs on
 * devices of the same major and no lesser minor number. So 3.7 and 5.0 to 8.9 run, and 9.0 (H100)
 * and later do not.
 */
public final class Nd4jBackend {
  private static final String CUDA_BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";
  private static final String CPU_INSTEAD = "; use nd4j-native to run on the CPU";

  private Nd4jBackend() {}

  /**
   * Starts ND4J if it was not started before.
   *
   * @return the backend that it chose
   * @throws IllegalStateException if there is none, or CUDA is on the class path and cannot run
   */
  public static org.nd4j.linalg.factory.Nd4jBackend require() {
    if (isPresent(CUDA_BACKEND)) {
      requireCuda();
    }
    try {
      return Nd4j.getBackend();
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "no backend of ND4J can start: add org.nd4j:nd4j-native, with the classifier of this"
              + " platform",
          e);
    }
  }

  private static boolean isPresent(String type) {
    try {
      Class.forName(type, false, Nd4jBackend.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static void requireCuda() {
    int[] count = new int[1];
    int error;
    try {
      error = cudart.cudaGetDeviceCount(count);
    } catch (LinkageError e) {
      throw new IllegalStateException(cannotLoad(hasDriver()), e);
    }
    if (error != cudart.cudaSuccess) {
      throw new IllegalStateException(
          "ND4J's CUDA backend cannot start: "
              + cudart.cudaGetErrorString(error).getString()
              + CPU_INSTEAD);
    }
    for (int device = 0; device < count[0]; device++) {
      refusal(
              device,
              attribute(device, cudart.cudaDevAttrComputeCapabilityMajor),
              attribute(device, cudart.cudaDevAttrComputeCapabilityMinor))
          .ifPresent(
              message -> {
                throw new IllegalStateException(message);
              });
    }
  }

  static String cannotLoad(boolean driver) {
    return "ND4J's CUDA backend cannot start: "
        + (driver
            ? "the libraries of CUDA 11.6 cannot be loaded. Install CUDA 11.6, or add"
                + " org.bytedeco:cuda:11.6-8.3-1.5.7 with the classifier of this platform and"
                + " -redist"
            : "there is no NVIDIA driver. Install one for CUDA 11.6 or later")
        + CPU_INSTEAD;
  }

  /**
   * The driver's file on Linux, and its device under Windows' Linux; true where neither is known.
   */
  private static boolean hasDriver() {
    return !System.getProperty("os.name", "").startsWith("Linux")
        || Files.exists(Path.of("/proc/driver/nvidia/version"))
        || Files.exists(Path.of("/dev/dxg"));
  }

  private static int attribute(int device, int attribute) {
    int[] value = new int[1];
    cudart.cudaDeviceGetAttribute(value, attribute, device);
    return value[0];
  }

  /** Why a device cannot be used, if it cannot. */
  static Optional<String> refusal(int device, int major, int minor) {
    boolean runs = major == 3 ? minor >= 7 : major >= 5 && major <= 8;
    return runs
        ? Optional.empty()
        : Optional.of(
            "ND4J's CUDA backend has no code for device "
                + device
                + ": its compute capability must be 3.7 or 5.0 to 8.9 but is "
                + major
                + "."
                + minor
                + "; hide it by CUDA_VISIBLE_DEVICES"
                + CPU_INSTEAD.replace("; use", " or use"));
  }

  /** What ND4J found, for the line that is logged at the start. */
  static String describe() {
    Properties found = Nd4j.getExecutioner().getEnvironmentInformation();
    StringBuilder text =
        new StringBuilder("ND4J ")
            .append(require().getClass().getSimpleName())
            .append(" on ")
            .append(found.getProperty(Nd4jEnvironment.OS_KEY))
            .append(", BLAS ")
            .append(found.getProperty(Nd4jEnvironment.BLAS_VENDOR_KEY));
    if (found.get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY) instanceof List<?> devices) {
      text.append(", devices ").append(devices);
    }
    return text.toString();
  }

  /** Version and instruction set of oneDNN, which must have been loaded. */
  static String describeOneDnn() {
    return "oneDNN "
        + dnnl.DNNL_VERSION_MAJOR
        + "."
        + dnnl.DNNL_VERSION_MINOR
        + "."
        + dnnl.DNNL_VERSION_PATCH
        + " ("
        + instructionSet(dnnl.dnnl_get_effective_cpu_isa())
        + ")";
  }

  private static String instructionSet(int isa) {
    if (isa == dnnl.dnnl_cpu_isa_avx512_core_amx) {
      return "AVX-512, AMX";
    }
    if (isa == dnnl.dnnl_cpu_isa_avx512_core_bf16 || isa == dnnl.dnnl_cpu_isa_avx512_core_vnni) {
      return "AVX-512, VNNI";
    }
    if (isa == dnnl.dnnl_cpu_isa_avx512_core) {
      return "AVX-512";
    }
    if (isa == dnnl.dnnl_cpu_isa_avx2 || isa == dnnl.dnnl_cpu_isa_avx2_vnni) {
      return "AVX2";
    }
    return "instruction set 0x" + Integer.toHexString(isa);
  }
}
