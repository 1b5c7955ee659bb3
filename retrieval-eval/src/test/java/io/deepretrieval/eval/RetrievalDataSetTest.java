// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Box;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RetrievalDataSetTest {
  private static final DataSetImage A = new DataSetImage("a", Path.of("a.jpg"));
  private static final DataSetImage B = new DataSetImage("b", Path.of("b.jpg"));

  private static Query query(DataSetImage image, String good) {
    return new Query(image, Optional.empty(), new Judgments(Set.of(good), Set.of(), Set.of()));
  }

  @Test
  void holdsWhatItWasGivenAndCannotBeChanged() {
    List<DataSetImage> database = new ArrayList<>(List.of(B, A));
    RetrievalDataSet set = RetrievalDataSet.of("made", List.of(query(A, "b")), database);
    database.clear();
    assertThat(set.name()).isEqualTo("made");
    assertThat(set.database()).containsExactly(B, A);
    assertThat(set.databaseImage("a")).contains(A);
    assertThat(set.databaseImage("c")).isEmpty();
    assertThat(set.queriesInDatabase()).isEqualTo(1);
    assertThat(set).hasToString("RetrievalDataSet[made: 1 queries, 2 images]");
    assertThatThrownBy(() -> set.database().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void refusesAnEmptySet() {
    assertThatThrownBy(() -> RetrievalDataSet.of("made", List.of(), List.of(A)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 'made' must have queries and database images but has 0 and 1");
    assertThatThrownBy(() -> RetrievalDataSet.of(" ", List.of(query(A, "b")), List.of(B)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set name must not be blank but was ' '");
    assertThatThrownBy(() -> new DataSetImage("", Path.of("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image id must not be blank but was ''");
  }

  @Test
  void refusesAnIdThatIsTwiceInTheDatabase() {
    assertThatThrownBy(() -> RetrievalDataSet.of("made", List.of(query(A, "b")), List.of(B, B)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 'made' must have image 'b' once but has it twice");
  }

  @Test
  void refusesAJudgedImageThatIsNotInTheDatabase() {
    assertThatThrownBy(() -> RetrievalDataSet.of("made", List.of(query(A, "c")), List.of(B)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "image 'c', judged for query 'a', must be in the database of data set 'made' but is"
                + " not");
  }

  @Test
  void refusesAQueryThatHasTheIdOfAnotherFile() {
    DataSetImage other = new DataSetImage("b", Path.of("other.jpg"));
    assertThatThrownBy(() -> RetrievalDataSet.of("made", List.of(query(other, "b")), List.of(B)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "query 'b' of data set 'made' must be the file of the database image of that id,"
                + " b.jpg, but is other.jpg");
  }

  @Test
  void labelOfAQueryShowsItsBox() {
    Judgments none = new Judgments(Set.of(), Set.of(), Set.of());
    assertThat(new Query(A, Optional.empty(), none).label()).isEqualTo("a");
    assertThat(new Query(A, Optional.of(new Box(1, 2, 3.5, 4)), none).label())
        .isEqualTo("a [1.0,2.0,3.5,4.0]");
  }
}
