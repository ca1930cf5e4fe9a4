"""
What chest reports speak of: findings with the words that name and deny them, what each is a kind of, and which qualifiers
it takes. Written from the language of the field by us; nothing is taken or counted from anybody's reports.
"""

from dataclasses import dataclass

# key | kinds | names | denials | qualifiers: s side, z lung zone, m degree, v vertebral or thoracic level
TABLE = """
cardiomegaly | heart | cardiomegaly; enlarged heart; enlarged cardiac silhouette; cardiac enlargement; increased heart size; enlargement of the heart; prominent heart size; heart is enlarged; heart size is mildly enlarged; cardiac silhouette is enlarged; borderline heart size; borderline cardiomegaly | heart size is normal; normal heart size; cardiac silhouette within normal limits; no cardiomegaly; heart is normal in size; heart size and mediastinal contours are normal | m
left-ventricle | heart | left ventricular prominence; left ventricular hypertrophy; left ventricular configuration of the heart; left ventricular enlargement | | m
left-atrium | heart | left atrial enlargement; enlarged left atrium; splaying of the carina | | m
pericardial-effusion | heart fluid | pericardial effusion; water bottle configuration of the heart | no pericardial effusion | m
pacemaker | device heart | pacemaker; dual lead pacemaker; cardiac pacemaker; pacemaker leads; pacer; implantable cardiac defibrillator; aicd; icd with leads; transvenous pacer leads; defibrillator | | s
valve | device surgery heart | prosthetic heart valve; valve replacement; aortic valve prosthesis; mitral valve replacement; mitral annular calcification | | 
sternotomy | surgery device | median sternotomy wires; sternotomy wires; sternal wires; status post median sternotomy; sternotomy sutures; prior sternotomy | | 
bypass | surgery heart | coronary artery bypass graft; cabg; status post cabg; coronary bypass clips; bypass surgery changes; coronary artery bypass grafts; mediastinal surgical clips | | 
stent | device | coronary stent; vascular stent; aortic stent graft; stent | | s
catheter | device | central venous catheter; picc line; picc; port-a-cath; infusion port; mediport; chest port; internal jugular catheter; subclavian catheter; dialysis catheter; central line; indwelling catheter; catheter tip in the superior vena cava; catheter tip at the cavoatrial junction | no central line | s
tube | device | endotracheal tube; nasogastric tube; enteric tube; feeding tube; chest tube; tracheostomy tube; pigtail catheter; thoracostomy tube | | s
clips | surgery device | surgical clips; cholecystectomy clips; clips in the right upper quadrant; axillary clips; surgical staples; surgical sutures; postsurgical clips; suture material; metallic clips | | s
hardware | device spine bone | spinal fusion hardware; cervical fusion hardware; anterior cervical fusion plate; orthopedic hardware; posterior spinal fixation rods; internal fixation; shoulder prosthesis; shoulder arthroplasty; vertebroplasty; kyphoplasty cement | | s
mastectomy | surgery breast | mastectomy; status post mastectomy; absent breast shadow; breast implants; breast prosthesis; breast surgery changes | | s
lobectomy | surgery lung | lobectomy; pneumonectomy; wedge resection; thoracotomy changes; postoperative changes of the lung; postsurgical changes; prior lung resection; postthoracotomy rib changes; status post lung resection | | s
foreign-body | device foreign | bullet fragment; metallic foreign body; shrapnel; metallic densities; foreign body; radiopaque foreign body | no radiopaque foreign body | s
monitor | device | monitoring leads overlie the chest; nerve stimulator; spinal stimulator leads; loop recorder; vagal stimulator; external leads | |
aorta-tortuous | aorta | tortuous aorta; tortuous thoracic aorta; aortic tortuosity; unfolded aorta; ectatic aorta; aortic ectasia; ectasia of the thoracic aorta; uncoiled aorta; tortuosity of the descending aorta; elongated aorta; dilated ascending aorta; aortic aneurysm; aneurysm of the thoracic aorta; enlarged aorta | aorta is normal; normal aortic contour; thoracic aorta is unremarkable | m
aorta-calcified | aorta calcification atherosclerosis | atherosclerotic calcification of the aorta; calcified aorta; aortic calcification; calcification of the aortic arch; aortic atherosclerosis; atherosclerotic changes of the aorta; atherosclerotic disease of the aorta; calcified aortic knob; atherosclerotic calcifications; atherosclerosis; vascular calcification | no aortic calcification | m
mediastinum-wide | mediastinum | mediastinal widening; widened mediastinum; enlarged mediastinal silhouette; prominent superior mediastinum; mediastinal mass; mediastinal fullness; superior mediastinal prominence; paratracheal thickening | mediastinum is not widened; mediastinal contours are normal; mediastinum is unremarkable; cardiomediastinal silhouette is normal; cardiomediastinal contours are within normal limits | m
goiter | mediastinum trachea | tracheal deviation; deviated trachea; thyroid enlargement; substernal goiter; enlarged thyroid; narrowing of the trachea | trachea is midline; trachea midline and patent | s
adenopathy | hilum nodes | hilar adenopathy; mediastinal lymphadenopathy; lymphadenopathy; enlarged lymph nodes; hilar lymph node enlargement; enlarged hilar nodes; bulky adenopathy | no lymphadenopathy; no adenopathy; no hilar adenopathy; hilar structures are normal | s
hilar-prominence | hilum | hilar prominence; prominent hila; prominent hilum; hilar enlargement; enlarged pulmonary arteries; prominent pulmonary arteries; pulmonary artery enlargement; pulmonary arterial hypertension; enlarged hilum; hilar fullness | hila are unremarkable; hilar contours are normal | s
nodes-calcified | calcification nodes granuloma hilum | calcified hilar lymph nodes; calcified mediastinal lymph nodes; calcified lymph nodes; calcified hilar nodes; nodal calcifications; calcified hilar granulomas | no calcified nodes | s
granuloma | calcification nodule granuloma lung | calcified granuloma; calcified granulomas; granuloma; calcified nodule; calcified pulmonary nodule; old granulomatous disease; sequela of prior granulomatous disease; healed granulomatous disease; remote granulomatous disease; granulomatous calcification; calcified lung granuloma; evidence of old granulomatous infection | | sz
granuloma-other | calcification granuloma | splenic granulomas; calcified splenic granulomas; calcifications of the spleen; liver granulomas; granulomas of the spleen | |
nodule | nodule lung | pulmonary nodule; lung nodule; nodule; nodular density; nodular opacity; small nodule; noncalcified nodule; rounded density; rounded opacity; indeterminate nodule; solitary pulmonary nodule; coin lesion; nodular focus; subcentimeter nodule; ill defined nodule; bilateral nodules; multiple nodules; miliary nodules | no pulmonary nodules; no suspicious nodule; no nodules or masses; lungs without nodules; no suspicious pulmonary nodule or mass | szm
mass | mass lung neoplasm | lung mass; pulmonary mass; mass; spiculated mass; cavitary mass; large mass; bronchogenic carcinoma; lung cancer; malignancy; neoplasm; tumor; mass lesion; masslike opacity; perihilar mass | no mass; no lung mass; no mass lesion | szm
metastases | neoplasm nodule | metastatic disease; pulmonary metastases; metastases; metastatic nodules; osseous metastases; lytic lesion; sclerotic bone lesion; blastic lesions | no evidence of metastatic disease; no lytic or blastic lesion | s
opacity | opacity lung | opacity; patchy opacity; focal opacity; airspace opacity; hazy opacity; ill defined opacity; increased density; vague opacity; opacification; patchy density; streaky opacity; streaky opacities; patchy airspace opacities; linear opacity; linear opacities; bibasilar opacities; retrocardiac opacity; basilar opacity; airspace opacities | no focal opacity; lungs are without focal opacity; no focal airspace opacity; no lung opacity | szm
infiltrate | opacity infection lung | infiltrate; patchy infiltrate; infiltrates; pulmonary infiltrate; airspace infiltrate; focal infiltrate; interstitial infiltrate | no infiltrate; no focal infiltrate; no acute infiltrate; lungs are clear without infiltrate | szm
consolidation | opacity infection lung | consolidation; airspace consolidation; focal consolidation; airspace disease; focal airspace disease; lobar consolidation; air bronchograms; confluent airspace disease; airspace process | no focal consolidation; no consolidation; no airspace consolidation; no focal airspace disease; lungs are clear | szm
pneumonia | infection lung | pneumonia; bronchopneumonia; lobar pneumonia; infectious process; suspicious for pneumonia; pneumonitis; atypical infection; infectious infiltrate; multifocal pneumonia; concerning for pneumonia; aspiration; resolving pneumonia | no evidence of pneumonia; no pneumonia; no acute infection | szm
tuberculosis | infection granuloma | tuberculosis; prior tuberculosis; active tuberculosis; cavitary tuberculosis; old tuberculous disease; reactivation tuberculosis; evidence of tuberculosis | no evidence of tuberculosis; no active tuberculosis; no evidence of active tb | sz
cavity | lung | cavitary lesion; cavity; thick walled cavity; cavitation; lung abscess; air fluid level in the lung | no cavity | sz
edema | edema congestion | pulmonary edema; interstitial edema; alveolar edema; edema; interstitial pulmonary edema; congestive heart failure; chf; heart failure; fluid overload; kerley b lines; cardiogenic edema; failure | no pulmonary edema; no edema; no evidence of failure; no congestive heart failure | m
congestion | congestion vessels | pulmonary vascular congestion; vascular congestion; central vascular congestion; pulmonary venous congestion; vascular engorgement; prominent pulmonary vascularity; cephalization; increased vascularity; pulmonary vascular prominence; venous hypertension; prominent pulmonary vasculature; central vascular prominence; vascular redistribution | pulmonary vascularity is normal; no vascular congestion; pulmonary vasculature within normal limits; normal pulmonary vascularity | m
interstitial | markings lung | interstitial markings; increased interstitial markings; prominent interstitial markings; coarse interstitial markings; reticular opacities; interstitial prominence; chronic interstitial changes; interstitial lung disease; reticulonodular opacities; coarsened interstitium; increased lung markings; bronchovascular markings; prominent bronchovascular markings; accentuated markings; interstitial thickening; diffuse interstitial disease; chronic lung disease; chronic lung changes | no interstitial disease; interstitial markings are normal | szm
fibrosis | scar lung | fibrosis; pulmonary fibrosis; fibrotic changes; fibrotic scarring; honeycombing; fibrotic change; chronic fibrosis; interstitial fibrosis | no fibrosis | szm
scar | scar lung | scarring; linear scarring; scar; apical scarring; parenchymal scarring; biapical scarring; pleuroparenchymal scarring; basilar scarring; residual scarring; chronic scarring; scar or atelectasis; cicatrix; focal scarring; scarring at the lung bases | no scarring | szm
bronchiectasis | airway lung | bronchiectasis; dilated bronchi; bronchial wall thickening; peribronchial cuffing; peribronchial thickening; bronchitis; bronchial thickening; bronchitic changes; airway thickening; reactive airway disease; bronchiolitis; perihilar thickening; chronic bronchitis | no peribronchial thickening | szm
atelectasis | atelectasis lung volume | atelectasis; basilar atelectasis; subsegmental atelectasis; linear atelectasis; platelike atelectasis; discoid atelectasis; bibasilar atelectasis; atelectatic changes; streaky atelectasis; band of atelectasis; dependent atelectasis; volume loss; collapse; lobar collapse; atelectasis at the lung base | no atelectasis; no volume loss | szm
low-volume | volume lung | low lung volumes; hypoinflated lungs; hypoinflation; low volumes; shallow inspiration; poor inspiration; hypoventilatory changes; decreased lung volumes; crowding of bronchovascular structures; bronchovascular crowding; low inspiratory volumes; reduced lung volumes; poor inspiratory effort; suboptimal inspiration | lungs are well expanded; normal lung volumes; lungs are normally inflated | m
hyperinflation | hyperinflation lung emphysema | hyperinflation; hyperinflated lungs; hyperexpanded lungs; hyperexpansion; lungs are hyperexpanded; increased lung volumes; flattened diaphragms; flattening of the diaphragm; flattened hemidiaphragms; increased ap diameter; lungs are hyperinflated; air trapping; overinflation; hyperlucent lungs; increased retrosternal airspace; hyperdistention of the lungs; overexpanded lungs | no hyperinflation; lungs are not hyperinflated | m
emphysema | emphysema hyperinflation lung | emphysema; emphysematous changes; chronic obstructive pulmonary disease; copd; changes of copd; obstructive lung disease; findings of emphysema; bullous emphysema; bullae; bullous disease; bulla; blebs; centrilobular emphysema; severe emphysema; chronic obstructive lung disease; emphysematous lungs | no emphysema | szm
asthma | airway | asthma; asthmatic changes | |
effusion | pleura fluid | pleural effusion; effusion; pleural fluid; blunting of the costophrenic angle; blunted costophrenic angle; small effusion; costophrenic angle blunting; trace pleural fluid; layering effusion; bilateral effusions; pleural effusions; fluid in the fissure; loculated effusion; blunting of the costophrenic sulcus; blunting of the posterior costophrenic angles; hydrothorax; pleural based fluid | no pleural effusion; no effusion; costophrenic angles are sharp; no pleural effusions; pleural spaces are clear; no large effusion; costophrenic angles are clear; no pleural fluid | sm
pleural-thickening | pleura scar | pleural thickening; apical pleural thickening; biapical pleural thickening; apical capping; apical cap; pleural scarring; thickening of the pleura; pleural reaction; thickened pleura; fissural thickening; thickening of the minor fissure; thickened fissure; pleural parenchymal scarring | no pleural thickening | szm
pleural-plaque | pleura calcification | pleural plaques; calcified pleural plaques; pleural calcification; asbestos related pleural disease; asbestos exposure | no pleural plaques | s
pneumothorax | pleura air | pneumothorax; small pneumothorax; apical pneumothorax; tension pneumothorax; hydropneumothorax; tiny pneumothorax; residual pneumothorax | no pneumothorax; no pneumothorax is seen; no evidence of pneumothorax; no pneumothorax or pleural effusion; no visible pneumothorax | sm
pneumomediastinum | air mediastinum | pneumomediastinum; subcutaneous emphysema; subcutaneous air; mediastinal air; soft tissue air | no pneumomediastinum | s
free-air | air abdomen | free air under the diaphragm; pneumoperitoneum; free intraperitoneal air; subdiaphragmatic free air | no free air; no free intraperitoneal air; no free subdiaphragmatic air | s
diaphragm-high | diaphragm | elevated hemidiaphragm; elevation of the hemidiaphragm; elevated diaphragm; diaphragmatic elevation; raised hemidiaphragm; eventration of the diaphragm; eventration; diaphragmatic eventration; hemidiaphragm elevation; paralysis of the diaphragm | diaphragms are normal | sm
hiatal-hernia | hernia stomach diaphragm | hiatal hernia; hiatus hernia; large hiatal hernia; retrocardiac air fluid level; paraesophageal hernia; sliding hiatal hernia; diaphragmatic hernia; intrathoracic stomach; bochdalek hernia; morgagni hernia | no hiatal hernia | m
bowel | abdomen bowel | distended bowel loops; gaseous distention of the colon; interposition of the colon; air filled bowel; dilated bowel; bowel gas; gastric distention; chilaiditi; distended stomach | normal bowel gas pattern |
calcification-abdomen | calcification abdomen | gallstones; renal calculi; abdominal calcification; calcified abdominal aorta; kidney stones | | s
scoliosis | spine curvature bone | scoliosis; thoracic scoliosis; curvature of the spine; dextroscoliosis; levoscoliosis; scoliotic curvature; rightward curvature of the thoracic spine; s shaped scoliosis; mild scoliosis; thoracolumbar scoliosis | no scoliosis | sm
kyphosis | spine curvature bone | kyphosis; thoracic kyphosis; increased kyphosis; accentuated kyphosis; exaggerated thoracic kyphosis; kyphoscoliosis; kyphotic deformity; dorsal kyphosis | no kyphosis | m
spine-degenerative | spine degenerative bone | degenerative changes of the spine; degenerative changes of the thoracic spine; degenerative spine disease; degenerative disc disease; spondylosis; thoracic spondylosis; multilevel degenerative changes; degenerative disease of the spine; spurring of the thoracic spine; degenerative changes in the spine; mild degenerative changes; degenerative endplate changes; disc space narrowing; degenerative changes throughout the spine; arthritic changes of the spine; spondylotic changes; degenerative joint disease of the spine; hypertrophic changes of the spine; hypertrophic spurring; discogenic degenerative change | spine is unremarkable; no degenerative change | mv
osteophyte | spine degenerative bone osteophyte | osteophytes; osteophyte; anterior osteophytes; bridging osteophytes; osteophytic spurring; endplate osteophytes; marginal osteophytes; syndesmophytes; flowing osteophytes; diffuse idiopathic skeletal hyperostosis; dish | no osteophytes | mv
shoulder-degenerative | degenerative bone shoulder joint | degenerative changes of the shoulders; shoulder arthritis; acromioclavicular degenerative changes; degenerative changes of the ac joints; glenohumeral arthritis; rotator cuff disease; shoulder osteoarthritis; arthritic changes of the shoulder; osteoarthritis; degenerative joint disease; high riding humeral head; arthritis | | sm
osteopenia | bone density | osteopenia; osteoporosis; diffuse osteopenia; demineralization; bony demineralization; bones are osteopenic; decreased bone density; bones are demineralized; generalized osteopenia; diffuse demineralization; osteoporotic bones | normal bone density | m
rib-fracture | fracture rib bone | rib fracture; rib fractures; old rib fracture; healed rib fracture; healing rib fractures; remote rib fractures; acute rib fracture; displaced rib fracture; old healed rib fractures; rib deformity; posttraumatic rib deformity; nondisplaced rib fracture; healed fracture of the rib; chronic rib fractures | no rib fracture; no displaced rib fracture; no acute rib fracture; ribs are intact | s
vertebral-fracture | fracture spine bone | compression fracture; vertebral compression fracture; compression deformity; wedge compression deformity; vertebral body height loss; anterior wedging; wedge deformity of a vertebral body; loss of vertebral body height; compression deformities; age indeterminate compression fracture; vertebral wedging | vertebral body heights are maintained; no compression fracture; no compression deformity | mv
fracture-other | fracture bone shoulder | clavicle fracture; fracture of the clavicle; healed clavicle fracture; old clavicular fracture; humeral fracture; scapular fracture; sternal fracture; humerus fracture; fracture of the humerus; clavicular deformity; dislocation of the shoulder | no fracture; no acute fracture; osseous structures are intact; no acute bony abnormality; no acute osseous abnormality; bony thorax is intact; bones are intact; visualized osseous structures are unremarkable; no acute osseous findings | s
rib-other | rib bone | cervical rib; bifid rib; rib notching; rib anomaly; pectus excavatum; pectus deformity; pectus carinatum; chest wall deformity; deformity of the chest wall; sclerotic rib lesion; bone island; rib resection | | s
azygos | variant lung | azygos lobe; azygos fissure; accessory fissure; right aortic arch; situs inversus; dextrocardia; normal variant; prominent epicardial fat pad; pericardial fat pad; cardiophrenic fat pad; epicardial fat; pericardial cyst | | s
nipple | artifact | nipple shadow; nipple shadows; overlying soft tissue; overlapping structures; artifact; skin fold; rotated patient; summation of shadows; superimposed shadow; composite shadow; breast shadow | | s
sarcoidosis | granuloma nodes lung | sarcoidosis; sarcoid; changes of sarcoidosis; silicosis; pneumoconiosis; histoplasmosis; prior histoplasmosis | | 
cystic-disease | lung | cystic lung disease; cystic changes; cystic fibrosis; cyst; lung cysts; thin walled cyst | | sz
embolism | vessels | pulmonary embolism; pulmonary infarct; thromboembolic disease; oligemia | |
esophagus | mediastinum | dilated esophagus; esophageal dilation; achalasia; air distended esophagus | |
liver-lesion | liver lesion abdomen | liver lesion; hepatic lesion; focal lesion of the liver; focal hepatic lesion; hypodense liver lesion; hepatic mass; hepatic cyst; liver cyst; liver metastases; focal liver lesion | no focal liver lesion; liver is unremarkable; no focal hepatic lesion | m
contrast-residual | artifact | residual contrast; retained barium; contrast in the bowel | |
""".strip()  # fmt: skip

ZONES = {
    "upper": ("upper lobe", "upper lung", "upper zone", "apex", "lung apex", "apical region", "upper lung zone", "suprahilar region"),
    "middle": ("middle lobe", "mid lung", "midlung", "perihilar region", "mid lung zone", "lingula", "infrahilar region"),
    "lower": ("lower lobe", "lung base", "base", "lower lung", "basilar region", "lower lung zone", "retrocardiac region", "costophrenic region"),
}
DEGREES = {
    "mild": ("mild", "minimal", "slight", "small", "tiny", "trace", "mildly prominent", "borderline", "subtle", "minor", "early"),
    "moderate": ("moderate", "moderately severe", "moderate sized"),
    "severe": ("severe", "marked", "large", "extensive", "massive", "prominent", "advanced", "gross"),
}
LEVELS = ("thoracic spine", "lower thoracic spine", "mid thoracic spine", "upper lumbar spine", "thoracolumbar spine", "midthoracic spine", "spine")
COURSE = ("stable", "unchanged", "chronic", "old", "new", "persistent", "residual", "resolving", "increasing", "improved", "acute", "worsening", "remote", "prior", "previously seen", "redemonstrated")
NORMAL = """
the lungs are clear; lungs are clear bilaterally; both lungs are clear; the heart is normal in size; heart size within normal limits;
the cardiomediastinal silhouette is within normal limits; heart and mediastinum are normal; no acute cardiopulmonary abnormality;
no acute disease; no acute cardiopulmonary disease; no acute findings; no active disease; normal chest; unremarkable examination;
the mediastinal contours are normal; the hila are normal; soft tissues are unremarkable; visualized bony structures are intact;
no acute pulmonary findings; pulmonary vasculature is normal; no evidence of acute disease; the bony thorax is unremarkable;
two views of the chest were obtained; frontal and lateral views of the chest; comparison is made with the prior examination;
examination is limited by technique; the trachea is midline; the visualized upper abdomen is unremarkable; no change;
no significant interval change; clear lungs; lungs and pleural spaces are clear; cardiac and mediastinal contours are within normal limits;
recommend follow up; clinical correlation is recommended; ct is recommended for further evaluation; no acute process
""".replace("\n", " ").strip().split("; ")  # fmt: skip


@dataclass(frozen=True)
class Concept:
    key: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    denials: tuple[str, ...]
    takes: str


def parts(text: str) -> tuple[str, ...]:
    return tuple(p.strip() for p in text.split(";") if p.strip())


def concept(line: str) -> Concept:
    key, kinds, names, denials, takes = (p.strip() for p in (line + " |" * 4).split("|")[:5])
    return Concept(key, tuple(kinds.split()), parts(names), parts(denials), takes)


CONCEPTS = [concept(line) for line in TABLE.split("\n")]
